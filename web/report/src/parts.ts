/** Loads a part of the report that only some readers need: script beside the page's data. */
declare global {
  interface Window {
    HANDGRAD_PARTS?: Record<string, string>;
  }
}

export async function loadPart(
  name: string,
  pieces: number,
  onProgress?: (bytes: number) => void,
): Promise<Uint8Array> {
  const source = document.querySelector('script[src$="/data.js"]')?.getAttribute("src") ?? "build/data.js";
  const made: Uint8Array[] = [];
  for (let i = 0; i < pieces; i++) {
    const piece = `${name}-${i}`;
    const script = document.createElement("script");
    script.src = source.replace(/data\.js$/, `${piece}.js`);
    await new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${script.src} is missing`));
      document.head.append(script);
    });
    script.remove();
    const text = window.HANDGRAD_PARTS?.[piece] ?? "";
    delete window.HANDGRAD_PARTS?.[piece];
    const packed = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    made.push(
      new Uint8Array(
        await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer(),
      ),
    );
    onProgress?.(made.reduce((sum, { length }) => sum + length, 0));
  }
  return new Uint8Array(await new Blob(made as BlobPart[]).arrayBuffer());
}
