/** Models that the homework does not ask about: residual networks, and those that a sweep defines by a list of layers. */
import type { Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { otherKinds } from "../data/shown-models.js";
import { modelSection } from "./model-section.js";

export function otherModels(report: Report): Child {
  const kinds = otherKinds(report);
  return kinds.length === 0 ? null : modelSection(report, "other-models", kinds);
}
