/** Numbers that both kernel sets compute with. The AssemblyScript compiler reads this file as well. */

/** Velocities below this count as 0: a dead unit's would otherwise decay into subnormal numbers, which cost processors a hundredfold. */
export const SMALLEST_VELOCITY = 1e-30;
/** Second moments below this count as 0 (see SMALLEST_VELOCITY): their roots are far below any sensible ε. */
export const SMALLEST_SECOND_MOMENT = 1e-36;
/** Probabilities below e^-69 (about 1e-30) count as 0 in the gradient: their products would be subnormal. */
export const SMALLEST_EXPONENT = -69;

/** Steps of the Newton–Schulz iteration: after these the singular values of a gradient lie between 0.7 and 1.2, but for the smallest. */
export const STEPS = 5;
/** Its coefficients: a·σ + b·σ³ + c·σ⁵ is steep at 0 and near 1 elsewhere (Jordan, 2024). */
export const A = 3.4445;
export const B = -4.775;
export const C = 2.0315;
