/**
 * The file that Piscina loads in each thread. It is CommonJS, and hands over a promise of the module:
 * Piscina tries require() first, and a thread that is ended while Node 20 runs require() on an ES module
 * takes the whole process down ("IsGraphAsync must be used on an instantiated module").
 */
export default import("./cell-worker.js").then((module) => module.default);
