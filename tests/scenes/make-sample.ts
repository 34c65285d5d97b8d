// Renders the sample clip and its poster into static/sample/: `npm run sample`.
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Frame } from '../../models/frame.ts';
import { melody } from './melody.ts';
import { sampleFrames, sampleScene, sampleSize } from './sample.ts';
import { frameRate, openScene } from './scene.ts';
import { encodeJpeg, writeClip } from './write-clip.ts';

const folder = fileURLToPath(new URL('../../static/sample/', import.meta.url));
const posterFrame = 9;
const posterWidth = 480;

await mkdir(folder, { recursive: true });
await writeClip(`${folder}sample.mp4`, frames(), {
	frameRate,
	quality: 22,
	preset: 'slow',
	sound: melody(sampleFrames / frameRate)
});
const size = { width: posterWidth, height: (posterWidth * sampleSize.height) / sampleSize.width };
await writeFile(
	`${folder}sample.jpg`,
	await encodeJpeg(openScene(sampleScene, size).frame(posterFrame).composite)
);
for (const file of ['sample.mp4', 'sample.jpg'])
	console.log(`${file}: ${Math.round((await stat(folder + file)).size / 1000)} kB`);

function* frames(): Generator<Frame> {
	const clip = openScene(sampleScene, sampleSize);
	for (let index = 0; index < sampleFrames; index++) {
		process.stderr.write(`\rframe ${index + 1} of ${sampleFrames}`);
		yield clip.frame(index).composite;
	}
	process.stderr.write('\n');
}
