import { sampleInWords } from '../shared/compared-share';
import { type CurvePoint } from '../shared/curve';
import { inWords } from '../shared/waiting';
import { type Report } from './content';

/** A report as one page of HTML that needs nothing else: no script, no font, no image from anywhere. Reads well on a screen and on paper. */
export function reportPage(report: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(`Blue/Green: ${report.cluster}, ${day(report.endedAt)}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="kind">Blue/Green deployment of <b>${text(report.cluster)}</b></p>
<h1>${text(sentence(report.summary))}</h1>
<p class="when">${text(minute(report.startedAt))} to ${text(minute(report.endedAt))} UTC · ${text(report.deployment ?? 'no deployment')} · ${text(report.execution)}</p>
</header>
${figures(report)}
${section('Timeline', timeline(report))}
${section('Replication lag', lagCurve(report.lag))}
${section('Migration', tables(report))}
${section('Findings', list(report.findings))}
${section('Done and to do', list([...report.cancelledSwitchovers.map((reason) => `an attempt that RDS did not carry out: ${reason}`), ...report.remarks, ...wayBack(report)]))}
<footer>Written by the execution itself. Times are UTC.</footer>
</body>
</html>
`;
}

function figures({ seconds, outage, migration, comparedShare, tablesCompared, rowsCompared, hotRows }: Report): string {
  const all: [string, string, string][] = [['took', inWords(seconds), '']];
  if (outage !== null) {
    all.push(['writes refused for', milliseconds(outage.writeMilliseconds), `at most ${outage.resolutionMilliseconds} ms between two looks`]);
    all.push(['reads failed for', milliseconds(outage.readMilliseconds), '']);
    all.push(['with a kept connection', milliseconds(outage.pooled.writeMilliseconds), `for writes; ${milliseconds(outage.pooled.readMilliseconds)} for reads`]);
  }
  if (migration !== null) all.push(['converted', `${number(migration.tables)} tables`, bytes(migration.bytes)]);
  if (rowsCompared !== null) {
    const hot = hotRows === null || hotRows === 0 ? 'all equal' : `equal, but for ${number(hotRows)} that kept changing`;
    const sample = comparedShare === null || comparedShare === 1 ? '' : `${sampleInWords(comparedShare)}, `;
    all.push(['compared', `${number(rowsCompared)} rows`, `${sample}${tablesCompared === null ? '' : `${number(tablesCompared)} tables, `}${hot}`]);
  }
  return `<dl class="figures">${all.map(([what, value, more]) => `<div><dt>${text(what)}</dt><dd>${text(value)}</dd>${more === '' ? '' : `<dd class="more">${text(more)}</dd>`}</div>`).join('')}</dl>`;
}

function timeline({ timeline: episodes, startedAt, seconds }: Report): string {
  const whole = Math.max(1, seconds);
  const rows = episodes.map((episode) => {
    const from = 100 * Math.max(0, (Date.parse(episode.startedAt) - Date.parse(startedAt)) / 1000) / whole;
    const width = Math.max(0.4, 100 * episode.seconds / whole);
    const bar = `<span class="bar" style="margin-left:${from.toFixed(2)}%;width:${Math.min(width, 100 - from).toFixed(2)}%"></span>`;
    return `<tr><th>${text(episode.name)}</th><td class="number">${text(minute(episode.startedAt))}</td><td class="number">${text(inWords(episode.seconds))}</td><td class="chart">${bar}</td></tr>`;
  });
  return rows.length === 0 ? '' : `<table>${rows.join('')}</table>`;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [720, 180, 88, 24];

function lagCurve(points: readonly CurvePoint[]): string {
  const known = points.filter((point): point is readonly [number, number] => point[1] !== null);
  const [first, last] = [points[0]?.[0], points.at(-1)?.[0]];
  if (known.length < 2 || first === undefined || last === undefined || last <= first) return '';
  const most = Math.max(1, ...known.map(([, lag]) => lag));
  const x = (at: number) => LEFT + (WIDTH - LEFT) * (at - first) / (last - first);
  const y = (lag: number) => (HEIGHT - BOTTOM) * (1 - lag / most) + 4;
  // a gap where nothing was known: a line through it would claim what nobody has seen.
  const lines = points.map(([at, lag], index) => (lag === null ? '' : `${index === 0 || points[index - 1]?.[1] === null ? 'M' : 'L'}${x(at).toFixed(1)} ${y(lag).toFixed(1)}`)).join('');
  const labels = [most, most / 2, 0].map((lag) => `<text x="${LEFT - 8}" y="${(y(lag) + 4).toFixed(1)}" text-anchor="end">${text(inWords(lag))}</text><line x1="${LEFT}" x2="${WIDTH}" y1="${y(lag).toFixed(1)}" y2="${y(lag).toFixed(1)}"/>`);
  const title = `Replication lag, at most ${inWords(most)}`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 8}" role="img" aria-label="${text(title)}"><g class="grid">${labels.join('')}</g><path d="${lines}"/>
<text x="${LEFT}" y="${HEIGHT + 4}">${text(minute(new Date(first * 1000).toISOString()))}</text><text x="${WIDTH}" y="${HEIGHT + 4}" text-anchor="end">${text(minute(new Date(last * 1000).toISOString()))}</text></svg>`;
}

function tables({ migration }: Report): string {
  if (migration === null) return '';
  const { slowest, tables: count, bytes: size, seconds, steps } = migration;
  const longest = Math.max(1, ...slowest.map((table) => table.seconds));
  const rows = slowest.map((table) => `<tr><th>${text(table.name)}</th><td class="number">${text(bytes(table.bytes))}</td><td class="number">${text(inWords(table.seconds))}</td>`
    + `<td class="chart"><span class="bar" style="width:${Math.max(0.4, 100 * table.seconds / longest).toFixed(2)}%"></span></td></tr>`);
  const rest = count > slowest.length ? `<p>The ${slowest.length} that took longest, of ${number(count)}.</p>` : '';
  return `<p>${number(count)} tables, ${text(bytes(size))}, ${number(steps)} steps in ${text(inWords(seconds))}.</p><table>${rows.join('')}</table>${rest}`;
}

function wayBack({ coordinates }: Report): string[] {
  return coordinates === null ? [] : [`The new production's binlog began at ${coordinates.file}, position ${coordinates.position}.`];
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li${mark(item)}>${text(item)}</li>`).join('')}</ul>`;
}

/** Findings begin with their severity. */
function mark(item: string): string {
  const severity = /^\[(blocker|warning|note)/.exec(item)?.[1];
  return severity === undefined ? '' : ` class="${severity}"`;
}

function section(title: string, content: string): string {
  return content === '' ? '' : `<section><h2>${text(title)}</h2>${content}</section>`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' };

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function sentence(value: string): string {
  return `${value.charAt(0).toUpperCase()}${value.slice(1)}${/[.!?]$/.test(value) ? '' : '.'}`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function bytes(value: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(1000)));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

function minute(moment: string): string {
  return moment.slice(0, 16).replace('T', ' ');
}

function day(moment: string): string {
  return moment.slice(0, 10);
}

const STYLE = `
:root{color-scheme:light;--ink:#1b2430;--soft:#5b6675;--line:#dfe4ea;--bar:#2f6fdd;--warning:#b35c00;--blocker:#b3261e}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2.5rem 1.5rem;font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);background:#fff}
h1{font-size:1.5rem;line-height:1.3;margin:.2rem 0 .4rem}
h2{font-size:1rem;margin:2rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
.kind,.when,.more,footer{color:var(--soft);margin:0}
.when{font-size:.85rem;overflow-wrap:anywhere}
.figures{display:flex;flex-wrap:wrap;gap:1rem;margin:1.5rem 0 0}
.figures div{flex:1 1 9rem;border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem}
dt{color:var(--soft);font-size:.8rem}
dd{margin:0;font-size:1.15rem;font-weight:600}
dd.more{font-size:.8rem;font-weight:400}
table{border-collapse:collapse;width:100%}
th,td{padding:.25rem .8rem .25rem 0;text-align:left;font-weight:400;vertical-align:middle;border-bottom:1px solid var(--line)}
th{overflow-wrap:anywhere}
.number{white-space:nowrap;font-variant-numeric:tabular-nums;color:var(--soft)}
.chart{width:45%;padding-right:0}
.bar{display:block;height:.7rem;border-radius:.2rem;background:var(--bar)}
ul{padding-left:1.2rem;margin:.4rem 0}
li{margin:.3rem 0;overflow-wrap:anywhere}
li.warning::marker{color:var(--warning)}
li.blocker::marker{color:var(--blocker)}
svg{width:100%;height:auto}
svg path{fill:none;stroke:var(--bar);stroke-width:2;stroke-linejoin:round}
svg line{stroke:var(--line)}
svg text{font-size:11px;fill:var(--soft)}
footer{margin-top:2.5rem;font-size:.8rem}
@media print{body{padding:0;font-size:11px;max-width:none}section,tr,li{break-inside:avoid}.bar{print-color-adjust:exact;-webkit-print-color-adjust:exact}@page{margin:16mm}}
`;
