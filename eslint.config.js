import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist/", "runs/", "web/report/build/", "src/core/simd/assembly/", "**/*.generated.ts", "**/node_modules/"] },
  ...tseslint.configs.recommended,
  {
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-restricted-properties": ["error", { object: "Math", property: "random", message: "randomness comes from a seeded stream (src/core/random.ts)" }],
      eqeqeq: ["error", "always"],
      "prefer-const": "error",
    },
  },
  {
    // Results must not depend on the JavaScript engine: the core owns its transcendental functions.
    files: ["src/core/**/*.ts"],
    rules: {
      "no-restricted-properties": [
        "error",
        ...["random", "exp", "expm1", "log", "log1p", "log2", "log10", "pow", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "atan2", "asin", "acos", "cbrt", "hypot"].map(
          (property) => ({ object: "Math", property, message: "differs between engines; use src/core/math.ts or src/core/random.ts" }),
        ),
      ],
      "no-restricted-syntax": ["error", { selector: "BinaryExpression[operator='**']", message: "** differs between engines" }],
    },
  },
);
