// What a reader may change of a cell: the optimizers with their defaults, and the bounds of fields, out of the schemas.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";

export async function whatIf(root) {
  const load = (name) => import(pathToFileURL(path.join(root, `dist/core/${name}.js`)));
  const { optimizerSpecSchema, trainConfigSchema } = await load("config");
  const { OPTIMIZERS } = await load("optimizers/table");
  const { properties } = z.toJSONSchema(trainConfigSchema, { io: "input", target: "draft-2020-12" });
  const bounds = ({ minimum, exclusiveMinimum, maximum }) => ({ least: minimum ?? exclusiveMinimum, most: maximum });
  const kindOf = (field, kind) => properties[field].oneOf.find(({ properties: { kind: word } }) => word.const === kind);
  return JSON.stringify({
    optimizers: Object.fromEntries(Object.keys(OPTIMIZERS).map((kind) => [kind, optimizerSpecSchema.parse({ kind })])),
    bounds: {
      lr: bounds(kindOf("optimizer", "sgd").properties.lr),
      width: bounds(kindOf("model", "mlp").properties.hidden.items),
      resnet: bounds(kindOf("model", "resnet").properties.width),
      epochs: bounds(properties.epochs),
      seed: bounds(properties.seed),
    },
  });
}
