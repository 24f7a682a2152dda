/** Models that a sweep defines by a list of layers, which the homework does not ask about. */
import type { Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { modelSection } from "./model-section.js";

export function otherModels(report: Report): Child {
  if (!report.cells.some((cell) => cell.modelKind !== "mlp" && cell.modelKind !== "cnn")) return null;
  return modelSection(report, { id: "other-models", title: "Other models of this sweep" }, "layers");
}
