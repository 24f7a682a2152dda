import tseslint from "typescript-eslint";

// Every argument of a call lies on the stack, and so would every epoch, step or cell of a sweep.
const spreads = {
  selector:
    "CallExpression[callee.property.name=/^(max|min|hypot|push|unshift|splice|concat|fromCharCode|fromCodePoint|append|prepend|replaceChildren)$/] > SpreadElement:not([argument.type='ArrayExpression'])",
  message:
    "data spread into arguments overflow the stack; use largest or smallest (src/core/numeric/extremes.ts), a loop or refill (web/report/src/draw/dom.ts)",
};

export default tseslint.config(
  { ignores: ["dist/", "runs/", "web/report/build/", "**/*.generated.ts", "**/node_modules/"] },
  ...tseslint.configs.recommendedTypeChecked,
  { languageOptions: { parserOptions: { projectService: true } } },
  { files: ["**/*.{js,mjs}"], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ["**/*.{ts,cts}"],
    rules: {
      // What fulfils an asynchronous interface need not wait for anything.
      "@typescript-eslint/require-await": "off",
      // Objects of functions, which have no `this`, are taken apart freely.
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-restricted-properties": [
        "error",
        {
          object: "Math",
          property: "random",
          message: "randomness comes from a seeded stream (src/core/numeric/random.ts)",
        },
      ],
      eqeqeq: ["error", "always"],
      "prefer-const": "error",
    },
  },
  // Vitest's matchers, such as expect.any(Number), are of type any.
  { files: ["test/**/*.ts"], rules: { "@typescript-eslint/no-unsafe-assignment": "off" } },
  { files: ["src/**/*.ts", "web/**/*.ts"], rules: { "no-restricted-syntax": ["error", spreads] } },
  {
    // Results must not depend on the JavaScript engine: the core owns its transcendental functions.
    files: ["src/core/**/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...[
          "random",
          "exp",
          "expm1",
          "log",
          "log1p",
          "log2",
          "log10",
          "pow",
          "sin",
          "cos",
          "tan",
          "tanh",
          "sinh",
          "cosh",
          "atan",
          "atan2",
          "asin",
          "acos",
          "cbrt",
          "hypot",
        ].map((property) => ({
          object: "Math",
          property,
          message: "differs between engines; use src/core/numeric/math.ts or src/core/numeric/random.ts",
        })),
      ],
      "no-restricted-syntax": [
        "error",
        spreads,
        { selector: "[operator=/^[*][*]=?$/]", message: "** differs between engines" },
      ],
    },
  },
  {
    // AssemblyScript parses once decorators of functions are let through, and its types resolve: all are checked.
    files: ["src/core/simd/assembly/**/*.ts"],
    languageOptions: { parserOptions: { allowInvalidAST: true } },
    rules: {
      "@typescript-eslint/ban-ts-comment": ["error", { "ts-ignore": { descriptionFormat: "^: decorator$" } }],
      // To TypeScript every type of number is one; to AssemblyScript <f32>x converts.
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
    },
  },
);
