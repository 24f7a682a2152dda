/** What a cell's first thread loads in each further one. */
import { workerData } from "node:worker_threads";
import { follow } from "./follower.js";
import type { FollowerData } from "./shared-cell.js";

follow(workerData as FollowerData);
