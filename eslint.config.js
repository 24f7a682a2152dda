import tseslint from "typescript-eslint";

// Every argument of a call lies on the stack, and so would every epoch, step or cell of a sweep.
const spreads = {
  selector:
    "CallExpression[callee.property.name=/^(max|min|hypot|push|unshift|splice|concat|fromCharCode|fromCodePoint|append|prepend|replaceChildren)$/] > SpreadElement:not([argument.type='ArrayExpression'])",
  message:
    "data spread into arguments overflow the stack; use largest or smallest (src/core/numeric/extremes.ts), a loop or refill (draw/dom.ts)",
};

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "runs/",
      "web/report/build/",
      "src/core/simd/assembly/",
      "**/*.generated.ts",
      "**/node_modules/",
    ],
  },
  ...tseslint.configs.recommended,
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
        { selector: "BinaryExpression[operator='**']", message: "** differs between engines" },
      ],
    },
  },
);
