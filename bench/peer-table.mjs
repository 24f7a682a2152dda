// Who takes part in bench/peers.mjs, with what settings, and why some do not.

/**
 * glibc settings under which PyTorch and JAX keep their large buffers instead of returning them to the system after every
 * step. 32 MiB is the largest threshold that glibc accepts: it ignores larger ones silently.
 */
const TUNED_MALLOC = {
  MALLOC_MMAP_THRESHOLD_: "33554432",
  MALLOC_TRIM_THRESHOLD_: "1073741824",
  MALLOC_TOP_PAD_: "268435456",
};

const CONVOLUTIONAL = ["cnn", "resnet"];
const TOO_SLOW = "not run on this net: too slow on the cnn already";

/** Ways to use a library: as it is written at first, and tuned. */
const WAYS = {
  pytorch: [
    { way: "", only: ["mlp"] },
    { way: "nchw", only: CONVOLUTIONAL },
    { way: "channels_last", variant: "channels_last", only: CONVOLUTIONAL },
    { way: "tuned malloc", env: TUNED_MALLOC, only: ["mlp"] },
    { way: "channels_last tuned malloc", variant: "channels_last", env: TUNED_MALLOC, only: CONVOLUTIONAL },
    { way: "compiled tuned malloc", variant: "compiled", env: TUNED_MALLOC, only: ["mlp"] },
    {
      way: "compiled channels_last tuned malloc",
      variant: "compiled channels_last",
      env: TUNED_MALLOC,
      only: CONVOLUTIONAL,
    },
  ],
  jax: [
    { way: "" },
    { way: "tuned malloc", env: TUNED_MALLOC, only: ["mlp"] },
    { way: "pooling by reshape tuned malloc", variant: "reshape", env: TUNED_MALLOC, only: CONVOLUTIONAL },
  ],
};
const SCRIPTS = { pytorch: "pytorch.py", jax: "jax_cpu.py" };

/** A library's peers: every installation in every way. */
function pythonPeers(library, installed) {
  const those = installed.filter((each) => each.library === library);
  if (those.length === 0)
    return [
      {
        name: library,
        missing: `no Python asked has it; pip install ${{ pytorch: "torch numpy", jax: "jax" }[library]}, or see --pythons`,
      },
    ];
  return those.flatMap(({ name, python }) =>
    WAYS[library].map(({ way, ...settings }) => ({
      name: `${name} ${way}`.trim(),
      script: SCRIPTS[library],
      python,
      ...settings,
    })),
  );
}

/**
 * All peers, Handgrad first. `only` are the models that a peer takes part in, `not` the reasons why it does not run one,
 * `missing` why it runs none.
 */
export const peersWith = (installed) => [
  { name: "handgrad", script: "handgrad.mjs" },
  ...pythonPeers("pytorch", installed),
  ...pythonPeers("jax", installed),
  { name: "jax-js wasm", script: "jax-js.mjs", not: { resnet: TOO_SLOW } },
  { name: "tensorflow.js cpu", script: "tfjs.mjs", variant: "cpu", not: { resnet: TOO_SLOW } },
  {
    name: "tensorflow.js wasm",
    script: "tfjs.mjs",
    variant: "wasm",
    not: { resnet: "not run on this net: has no gradient of a convolution's filter" },
  },
  { name: "convnetjs", script: "convnetjs.mjs", not: { resnet: "not run on this net: has no batch normalisation" } },
];
