/** Models that the homework does not ask about: residual networks, and those that a sweep defines by a list of layers. */
import type { Child } from "../draw/dom.js";
import type { Report } from "../report.js";
import { modelSection } from "./model-section.js";

export function otherModels(report: Report): Child {
  const kinds = [...new Set(report.homework.map((cell) => cell.modelKind))].filter(
    (kind) => kind !== "mlp" && kind !== "cnn",
  );
  if (kinds.length === 0) return null;
  return modelSection(report, { id: "other-models", title: "Other models of this sweep" }, kinds);
}
