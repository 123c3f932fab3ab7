// The page in a browser: no violation in axe-core, the ten facts on the first screen and the first printed page (by their
// places, not only their words), no sideways scrolling at 360 pixels, nothing fetched, no table cut in print.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const folder = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LABELS = ['Open blockers', 'Monthly cost at 1x', 'Monthly cost at 10x', 'Against the budget',
  'Within the latency target', 'Failures, and the provider down', 'Who decides, and when'];
const wrong = [];
const executablePath = process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium || command -v chromium-browser || command -v google-chrome'], { encoding: 'utf8' }).trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

for (const style of ['executive', 'full', 'audit', 'without-study', 'without-review']) {
  const file = `${folder}/${style}/report.html`;
  if (statSync(file).size >= 1_000_000) wrong.push(`${style}: larger than 1 MB`);
  for (const [width, height, colorScheme] of [[1280, 720, 'light'], [1280, 720, 'dark'], [360, 740, 'light']]) {
    const at = `${style} ${width}x${height} ${colorScheme}`;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    page.on('request', (request) => { if (request.url() !== `file://${file}`) wrong.push(`${at}: fetches ${request.url()}`); });
    await page.goto(`file://${file}`);
    await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    for (const it of violations) wrong.push(`${at}: ${it.id}: ${it.help}: ${it.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(' | ')}`);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (sideways > 0) wrong.push(`${at}: scrolls sideways by ${sideways}`);
    if (width === 1280) {
      const low = await page.evaluate(() => [...document.querySelectorAll('header > *, .card, .card h2, .card .value, .card li')]
        .map((it) => [it.getBoundingClientRect().bottom, it.textContent.slice(0, 40)]).filter(([bottom]) => bottom > 720));
      for (const [bottom, text] of low) wrong.push(`${at}: "${text}" ends at ${Math.round(bottom)}, below the first screen`);
      const shown = await page.evaluate(() => [...document.querySelectorAll('.card h2')].map((it) => it.textContent));
      for (const label of LABELS) if (!shown.includes(label)) wrong.push(`${at}: "${label}" is missing`);
    }
    await context.close();
  }
  for (const format of ['A4', 'Letter']) {
    const page = await browser.newPage();
    await page.goto(`file://${file}`);
    const pdf = `${folder}/${style}-${format}.pdf`;
    await page.pdf({ path: pdf, format, printBackground: true });
    const text = (...args) => execFileSync('pdftotext', [...args, pdf, '-'], { encoding: 'utf8' }).replace(/\s+/g, ' ');
    const first = text('-f', '1', '-l', '1');
    for (const label of LABELS) if (!first.includes(label)) wrong.push(`${style} on ${format}: "${label}" is not on the first page`);
    // What is wider than the paper is cut: the body must be as wide as the paper says.
    await page.emulateMedia({ media: 'print' });
    const [wide, high] = format === 'A4' ? [688, 1016] : [710, 949];
    await page.setViewportSize({ width: wide, height: high });
    // The facts end where the first sheet does, and none of them is wider than its card.
    const beyond = await page.evaluate((high) => [...document.querySelectorAll('header > *, .card, .card *')]
      .filter((it) => it.getBoundingClientRect().bottom > high || it.scrollWidth > it.clientWidth + 1 && it.matches('.card, .card .value, .card li'))
      .map((it) => it.textContent.slice(0, 40)), high);
    for (const it of beyond) wrong.push(`${style} on ${format}: "${it}" does not fit the first sheet`);
    const cards = await page.evaluate(() => [...document.querySelectorAll('.card')].filter((it) => it.checkVisibility()).length);
    if (cards !== LABELS.length) wrong.push(`${style} on ${format}: ${cards} cards are printed`);
    const cut = await page.evaluate(() => [...document.querySelectorAll('table, svg')]
      .filter((it) => it.checkVisibility() && it.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map((it) => (it.querySelector('caption, title')?.textContent ?? it.tagName).slice(0, 80)));
    for (const it of cut) wrong.push(`${style} on ${format}: cut at the right: ${it}`);
    await page.close();
  }
}
await browser.close();
for (const it of wrong) console.error(it);
console.log(wrong.length === 0 ? 'the page is as it should be' : `${wrong.length} things are wrong`);
process.exit(wrong.length === 0 ? 0 : 1);
