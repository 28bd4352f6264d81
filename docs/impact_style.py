"""How `impact.html` looks, and its filter; without a script, all rows are shown."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --paper: #fff; --faint: #59636e; --line: #d0d7de;
  --head: #f3f5f7; --n: #b3261e; --e: #8a5300; --d: #0b57a8; --u: #59636e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9aa4af;
  --line: #30363d; --head: #161b22; --n: #ff8a80; --e: #e3b341; --d: #79b8ff; --u: #9aa4af; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 96rem; padding: 0 1rem; }
p { max-width: 70rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top; }
thead th { background: var(--head); }
tbody th { font-weight: 600; min-width: 8rem; max-width: 22rem; overflow-wrap: anywhere; }
td { min-width: 6rem; max-width: 16rem; overflow-wrap: anywhere; font-weight: 600; }
td i { display: block; font-style: normal; font-weight: 400; color: var(--faint); font-size: 13px; }
.f { color: var(--faint); font-weight: 400; }
.n { color: var(--n); box-shadow: inset 4px 0 var(--n); }
.e, .w { color: var(--e); box-shadow: inset 4px 0 var(--e); }
.d { color: var(--d); box-shadow: inset 4px 0 var(--d); }
.u { color: var(--u); }
.wide { overflow-x: auto; }
p, h2 { overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .5rem 0; }
label { max-width: 100%; }
select, input { font: inherit; max-width: 100%; }
.figures td { font-weight: 400; min-width: 0; }
:focus-visible { outline: 3px solid var(--d); outline-offset: 2px; }
"""

SCRIPT = """
const form = document.getElementById('filter'), shown = document.getElementById('shown');
const rows = [...document.querySelectorAll('#matrix tbody tr')];
function filter() {
  const { kind, client, name } = Object.fromEntries(new FormData(form));
  let count = 0;
  for (const row of rows) {
    const affected = row.dataset.a.split(' ');
    row.hidden = (kind && row.dataset.k !== kind) || (client && !affected.includes(client)) ||
      !row.cells[0].textContent.includes(name.trim());
    count += !row.hidden;
  }
  shown.textContent = `${count} of ${rows.length}`;
}
form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
filter();
"""
