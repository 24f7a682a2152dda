#!/usr/bin/env node
/** The command `handgrad` of an installed package. */
import { main } from "./cli.js";

await main(process.argv.slice(2));
