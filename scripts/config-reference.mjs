// docs/config.md: examples that can be copied, and every field of a spec with its type, default and meaning.
import { alternatives, jsonSchemaOf, kindOf, wordsOf } from "./spec-schema.mjs";

/** What each file of examples/ asks, in the order of the page. */
export const EXAMPLES = {
  rates: "Which learning rate for which batch size?",
  widths: "How wide, how deep? A list of widths is one value of the axis; `[]` has no hidden layer.",
  seeds: "How much of a result is chance? Ten seeds of two networks.",
  "weight-decay": "Weight decay; `null` is none.",
  schedules: "Schedules of the learning rate, `null`, a constant one, among them.",
  dropout: "Dropout in a list of layers: an axis on a field of the layer at position 7, from 0.",
  kernels:
    "Convolutions of 3×3 and of 5×5 pixels: whole networks on an axis, since kernel and padding change together.",
  activations: "GELU against ReLU: an axis on the kind of a layer.",
  augmentation: "Which random changes to the training images help?",
  adam: "Adam and AdamW at 0.001 beside SGD with Nesterov's momentum, and Muon: whole optimizers on an axis.",
  validation: "Chosen by the last 5,000 training images; the test set is read once, after the last epoch.",
  smoothing: "Label smoothing, with and without a limit to the gradient's norm.",
  permutations: "What if the pixels are shuffled? The original order and three permutations.",
  resnets: "Residual networks by width and depth, with and without their additions.",
  search:
    "Where are good rates and widths? Twenty points, drawn: rates over three powers of ten, widths as whole numbers, and a field that only Adam has. Cells end when five epochs brought nothing better.",
  ablation: "What is each decision of a recipe worth? Every variant takes one back.",
};

const list = (words, last) =>
  [words.slice(0, -1).join(", "), words.at(-1)].filter((part) => part !== "").join(` ${last} `);
const figure = (number) => (Math.abs(number) < 1000 ? String(number) : number.toLocaleString("en-US"));
const code = (value) => `\`${JSON.stringify(value)}\``;

/** "1 to 64", "above 0, at most 1000"; what no number that is written reaches is no limit. */
function range({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }) {
  const low = minimum !== undefined && minimum > -Number.MAX_SAFE_INTEGER;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (low && high) return `, ${figure(minimum)} to ${figure(maximum)}`;
  return [
    low ? `, at least ${figure(minimum)}` : "",
    exclusiveMinimum === undefined ? "" : `, above ${figure(exclusiveMinimum)}`,
    high ? `, at most ${figure(maximum)}` : "",
    exclusiveMaximum === undefined ? "" : `, below ${figure(exclusiveMaximum)}`,
  ].join("");
}

/** "1 to 4 ", of what a list may hold; "" where it may hold any number. */
function count({ minItems = 0, maxItems }) {
  if (maxItems !== undefined) return `${minItems} to ${maxItems} `;
  return minItems > 0 ? `at least ${minItems} ` : "";
}

/** What may be written in a field, in words. @param sections where unions on `kind` are told, by their first kind */
function typeWords(schema, sections) {
  if (schema.oneOf) return sections[kindOf(schema.oneOf[0])];
  if (schema.anyOf)
    return list(
      schema.anyOf.map((member) => typeWords(member, sections)),
      "or",
    );
  if (schema.enum) return list(schema.enum.map(code), "or");
  if (schema.items) {
    const item = typeWords(schema.items, sections);
    return `a list of ${count(schema)}${item.replace("a whole number", "whole numbers").replace(/^text/, "texts")}`;
  }
  const words = { integer: "a whole number", number: "a number", boolean: "`true` or `false`", string: "text" };
  return `${words[schema.type] ?? "an object"}${range(schema)}`;
}

/** Rows of a table: every field of an object, and of the objects in it, by dotted path. */
function rows({ properties, required = [] }, sections, prefix = "") {
  return Object.entries(properties)
    .filter(([, { const: kind }]) => kind === undefined)
    .flatMap(([name, schema]) => {
      const preset = required.includes(name)
        ? "must be given"
        : schema.default === undefined
          ? "absent"
          : code(schema.default);
      const row = `| \`${prefix}${name}\` | ${typeWords(schema, sections)} | ${preset} | ${schema.description} |`;
      const inner = [schema, ...(schema.anyOf ?? [])].find((member) => member.properties);
      return inner ? [row, ...rows(inner, sections, `${prefix}${name}.`)] : [row];
    });
}

const table = (first, lines) => [`| ${first} | what it takes | default | |`, "|---|---|---|---|", ...lines].join("\n");

/** A table of a union on `kind`: a row a kind, then its fields. */
const kindsTable = (schema, sections, prefix) =>
  table(
    "kind and fields",
    alternatives(schema).flatMap((member) => [
      `| **${code(kindOf(member))}** | | | ${member.description} |`,
      ...rows(member, sections, prefix),
    ]),
  );

/**
 * @param schemas the zod schemas of specs, of their data, and of a cell's config
 * @param {Map<string, string>} examples text by name
 */
export function configReference({ specSchema, dataSchema, trainConfigSchema }, examples) {
  const spec = jsonSchemaOf(specSchema);
  const config = jsonSchemaOf(trainConfigSchema);
  const { model, optimizer, schedule } = config.properties;
  const layers = alternatives(model).find((member) => kindOf(member) === "layers").properties.layers.items;
  const sections = { conv2d: "[layers](#layers)" };
  const named = { model: ["Models", model], optimizer: ["Optimizers", optimizer], schedule: ["Schedules", schedule] };
  for (const [field, [title, union]] of Object.entries(named))
    sections[kindOf(union.oneOf[0])] = `${/^[aeiou]/.test(field) ? "an" : "a"} [${field}](#${title.toLowerCase()})`;
  const { variants, ...fields } = spec.properties;
  const specRows = rows(
    { ...spec, properties: { ...fields, data: { ...jsonSchemaOf(dataSchema), ...fields.data } } },
    sections,
  );

  const forms = spec.properties.axes.additionalProperties.anyOf
    .flatMap(({ properties = {} }) => Object.entries(properties))
    .filter(([name], i, all) => all.findIndex(([other]) => other === name) === i)
    .map(([name, { description }]) => `  - \`${name}\`: ${description}`)
    .join("\n");
  const printed = Object.entries(EXAMPLES).map(([name, question]) => {
    const text = examples.get(name).replace(/^ {2}"\$schema".*\n/m, "");
    return `### ${name}\n\n${question}\n\n\`\`\`json\n${text}\`\`\``;
  });
  const words = [model, optimizer, schedule].flatMap(wordsOf).map(code);
  return `# What may I write?

Made by \`npm run docs\` from the schemas that check every spec, and from \`examples/\`; to be edited there.

[Examples](#examples) · [A spec](#a-spec) · [A cell's config](#a-cells-config) · [Models](#models) · [Layers](#layers) ·
[Optimizers](#optimizers) · [Schedules](#schedules)

## Examples

Each is a whole spec and lies in \`examples/NAME.json\`: \`npm run sweep -- examples/NAME.json\` trains it. \`--dry-run\` lists its
cells; \`--epochs 1 --train-limit 6000 --test-limit 1000\` is a quick look. A first line
\`"$schema": "PATH/TO/docs/spec.schema.json"\` lets an editor complete and check what you write.

${printed.join("\n\n")}

## A spec

${table("field", specRows)}

Of each of \`variants\`:

${table("field", rows(variants.items, sections))}

- **A path** names a field with dots: \`optimizer.lr\`, \`augment.erase.most\`, \`model.layers.0.channels\` (positions count from 0). Any
  field of a config can be an axis, or be set in a variant or in the base; whole objects can, too:
  \`"optimizer": ["sgd", { "kind": "adam", "lr": 0.001 }]\`.
- **An axis** is a list, or an object with one of these; its values count only \`when\` a cell has what that asks for.
${forms}
  All drawn axes are drawn together, \`samples\` points for every combination of the lists; [search.md](search.md) says how.
- **A word** stands for an object of that kind with its defaults: ${list(words, "or")};
  in \`layers\`, any kind whose fields need not be given.
- **null** takes a field out, wherever it stands: \`"schedule": [null, "cosine"]\`.

## A cell's config

The fields of \`base\`. Absent means that it is not in use.

${table("field", rows(config, sections))}

## Models

${kindsTable(model, sections, "model.")}

## Layers

Of \`model.layers\`. An image comes in; what the layers make of it must fit the next.

${kindsTable(layers, sections, "")}

## Optimizers

${kindsTable(optimizer, sections, "optimizer.")}

## Schedules

${kindsTable(schedule, sections, "schedule.")}
`;
}
