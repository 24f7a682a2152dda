/** Tables as CSV (RFC 4180), readable by any spreadsheet. */

export interface Table {
  columns: string[];
  rows: (string | number | null)[][];
}

function field(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // A leading = + - @ would be run as a formula by spreadsheets.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The table as text, first row the column names. */
export function toCsv(table: Table): string {
  return [table.columns, ...table.rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}
