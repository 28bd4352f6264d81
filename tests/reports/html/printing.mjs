// Prints a report as PDF, and returns how many pages that makes.

export async function play(opened, { report }) {
  const { context, tab } = await opened(report, "view=times");
  const pdf = await tab.pdf({ format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } });
  await context.close();
  return { pages: (pdf.toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? []).length, size: pdf.length };
}
