// The derivation of part one, in LaTeX, and typeset at build.
import temml from "temml";

export const FORMULAS = {
  forward: String.raw`\begin{aligned}
    \mathbf{z}^{(1)} &= \mathbf{W}^{(1)}\mathbf{x}^{(0)}, & \mathbf{x}^{(1)} &= \sigma\left(\mathbf{z}^{(1)}\right), \\
    z^{(2)} &= \mathbf{w}^{(2)\top}\mathbf{x}^{(1)}, & \hat{y} &= \sigma\left(z^{(2)}\right)
  \end{aligned}`,
  loss: String.raw`\mathcal{L} = -y\log\hat{y} - (1-y)\log(1-\hat{y})`,
  stable: String.raw`\begin{aligned}
    \log\hat{y} &= -\log\left(1+e^{-z^{(2)}}\right) \\
    &= z^{(2)} - \log\left(1+e^{z^{(2)}}\right) \\
    \log(1-\hat{y}) &= -\log\left(1+e^{z^{(2)}}\right) \\
    \mathcal{L} &= \log\left(e^{0}+e^{z^{(2)}}\right) - y\,z^{(2)}
  \end{aligned}`,
  logaddexp: String.raw`\log\left(e^{a}+e^{b}\right) = \max(a,b) + \log\left(1+e^{-|a-b|}\right)`,
  delta2: String.raw`\delta^{(2)} = \frac{\partial\mathcal{L}}{\partial z^{(2)}} = \frac{e^{z^{(2)}}}{1+e^{z^{(2)}}} - y = \hat{y} - y`,
  dw2: String.raw`\frac{\partial\mathcal{L}}{\partial w^{(2)}_{i}} = \frac{\partial\mathcal{L}}{\partial z^{(2)}}\,\frac{\partial z^{(2)}}{\partial w^{(2)}_{i}} = (\hat{y}-y)\,x^{(1)}_{i}`,
  delta1: String.raw`\begin{aligned}
    \delta^{(1)}_{i} = \frac{\partial\mathcal{L}}{\partial z^{(1)}_{i}} &= \delta^{(2)}\,\frac{\partial z^{(2)}}{\partial x^{(1)}_{i}}\,\frac{\partial x^{(1)}_{i}}{\partial z^{(1)}_{i}} \\
    &= (\hat{y}-y)\,w^{(2)}_{i}\,x^{(1)}_{i}\left(1-x^{(1)}_{i}\right)
  \end{aligned}`,
  dw1: String.raw`\begin{aligned}
    \frac{\partial\mathcal{L}}{\partial w^{(1)}_{ij}} &= \delta^{(1)}_{i}\,\frac{\partial z^{(1)}_{i}}{\partial w^{(1)}_{ij}} \\
    &= (\hat{y}-y)\,w^{(2)}_{i}\,x^{(1)}_{i}\left(1-x^{(1)}_{i}\right)x^{(0)}_{j}
  \end{aligned}`,
  batch: String.raw`\begin{aligned}
    \boldsymbol{\delta}^{(2)} &= \tfrac{1}{B}\left(\hat{\mathbf{y}}-\mathbf{y}\right) \\
    \nabla_{w_2} &= \mathbf{X}^{(1)\top}\boldsymbol{\delta}^{(2)} \\
    \boldsymbol{\Delta}^{(1)} &= \left(\boldsymbol{\delta}^{(2)}\,w_2^{\top}\right)\circ\mathbf{X}^{(1)}\circ\left(1-\mathbf{X}^{(1)}\right) \\
    \nabla_{w_1} &= \mathbf{X}^{\top}\boldsymbol{\Delta}^{(1)}
  \end{aligned}`,
};

// A strict policy forbids inline styles, and Temml writes a few: each known one becomes a class of formulas.css.
const STYLE_CLASSES = {
  "display:block math;": "tml-block",
  "math-depth:0;": "tml-depth0",
  "padding-left:0em;padding-right:0em;": "tml-tight",
  "padding-left:1em;padding-right:0em;": "tml-apart",
};

/** LaTeX as MathML without style attributes. */
export function typeset(latex) {
  const mathml = temml.renderToString(latex, { displayMode: true, throwOnError: true });
  return mathml.replace(/<(\w+)((?: [\w-]+="[^"]*")*)>/g, (tag, name, attributes) => {
    const style = / style="([^"]*)"/.exec(attributes);
    if (!style) return tag;
    const styleClass = STYLE_CLASSES[style[1]];
    if (!styleClass)
      throw new Error(`formula with an unknown inline style "${style[1]}": add it to STYLE_CLASSES and formulas.css`);
    const rest = attributes.replace(style[0], "");
    const classed = rest.includes(' class="')
      ? rest.replace(' class="', ` class="${styleClass} `)
      : `${rest} class="${styleClass}"`;
    return `<${name}${classed}>`;
  });
}

/** MathML by name, as JSON text. */
export function typesetFormulas() {
  return JSON.stringify(Object.fromEntries(Object.entries(FORMULAS).map(([name, latex]) => [name, typeset(latex)])));
}
