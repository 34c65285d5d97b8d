// npm run icons: draws the web app's icons from static/favicon.svg.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { ensureChromium } from './chromium.mjs';
import { root } from './setup.mjs';

const folder = path.join(root, 'static/icons');
const rounded = await readFile(path.join(root, 'static/favicon.svg'), 'utf8');
// Where the system cuts the shape out, the background goes to the edge. The drawing lies within the middle 80 %.
const square = rounded.replace(/ rx="\d+"/, '');

const icons = [
	['icon-192.png', 192, rounded],
	['icon-512.png', 512, rounded],
	['maskable-512.png', 512, square],
	['apple-touch-180.png', 180, square]
];

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: ensureChromium(), args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [name, size, svg] of icons) {
	await page.setViewportSize({ width: size, height: size });
	await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
	await page.screenshot({ path: path.join(folder, name), omitBackground: true });
}
await browser.close();
