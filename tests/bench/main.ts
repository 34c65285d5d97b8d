// Measures engines on rendered clips with known alpha: `npm run bench -- --help`.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Size } from '../../models/frame.ts';
import { engines, type EngineId } from '../../models/registry.ts';
import { trackedBy } from '../../models/segmenters.ts';
import { loadEngine } from '../../server/engines/load.ts';
import { loadSegmenter } from '../../server/engines/load-segmenter.ts';
import { localSetup } from '../../server/engines/local-setup.ts';
import { sampleScene, scenes as rendered } from '../scenes/index.ts';
import { benchMatAnyone } from './matanyone.ts';
import { measureQuality, type SceneQuality } from './quality.ts';
import { qualityTable, speedTable } from './report.ts';
import { benchSam3 } from './sam3.ts';
import { measureSpeed, type JobSpeed } from './speed.ts';
import { benchVideoMaMa } from './videomama.ts';

const help = `npm run bench -- [options], or npm run bench -- matanyone|sam3|videomama [options]: how fast its networks run
  --engine ID       which engine to measure (${engines.map(({ id }) => id).join(', ')}; default: classic)
  --scenes A,B      which scenes (${[...rendered, sampleScene].map(({ id }) => id).join(', ')}; default: all but sample)
  --size WxH        size of the quality clips (default: 640x360)
  --frames N        frames of each quality clip (default: 24)
  --quick           320x180, 8 frames, and no speed
  --long            speed also on 10 s and 60 s at 1920x1080 (takes long)
  --write           put the tables into docs/benchmarks.md`;

const networks = { matanyone: benchMatAnyone, sam3: benchSam3, videomama: benchVideoMaMa }[
	process.argv[2] ?? ''
];
const { values } = parseArgs({
	args: networks ? [] : process.argv.slice(2),
	options: {
		engine: { type: 'string' },
		scenes: { type: 'string' },
		size: { type: 'string' },
		frames: { type: 'string' },
		quick: { type: 'boolean', default: false },
		long: { type: 'boolean', default: false },
		write: { type: 'boolean', default: false },
		help: { type: 'boolean', default: false }
	}
});

if (networks) await networks(process.argv.slice(3));
else if (values.help) console.log(help);
else {
	const found = engines.find(({ id }) => id === (values.engine ?? 'classic'));
	if (!found?.places.includes('server')) throw new Error(`there is no engine "${values.engine}" here`);
	const report = await measure(found.id);
	if (values.write) await writeReport(report);
}

async function measure(id: EngineId): Promise<string> {
	const size = parseSize(values.size ?? (values.quick ? '320x180' : '640x360'));
	const frames = parseCount(values.frames ?? (values.quick ? '8' : '24'));
	const setup = await localSetup(id);
	const { matter } = await loadEngine(id, setup);
	const tracker = trackedBy({ engine: id });
	const engine = { matter, segmenter: tracker && (await loadSegmenter(tracker)).segmenter };
	const quality: SceneQuality[] = [];
	for (const scene of chosenScenes()) {
		process.stderr.write(`${id}: ${scene.id}\n`);
		quality.push(await measureQuality(scene, engine, { size, frames }));
	}
	const speed: JobSpeed[] = [];
	if (!values.quick) {
		const lengths = [{ size: { width: 1280, height: 720 }, seconds: 5 }];
		const fullHd = { width: 1920, height: 1080 };
		if (values.long) lengths.push({ size: fullHd, seconds: 10 }, { size: fullHd, seconds: 60 });
		for (const clip of lengths) {
			process.stderr.write(`${id}: a job of ${clip.seconds} s at ${clip.size.width}x${clip.size.height}\n`);
			speed.push(await measureSpeed(rendered[0]!, { engine: id, setup }, clip));
		}
	}
	const tracked = quality.flatMap(({ scene, tracked }) => (tracked ? [{ scene, quality: tracked }] : []));
	const report = [
		`### ${id}`,
		`From the true masks, ${size.width}x${size.height}, ${frames} frames a scene: masks → matte (ratio).`,
		qualityTable(quality.map(({ scene, given }) => ({ scene, quality: given }))),
		...(tracked.length > 0 ? ['From masks tracked from the first frame on:', qualityTable(tracked)] : []),
		...(speed.length > 0 ? [`Speed on ${cpus()[0]!.model}, ${cpus().length} cores:`, speedTable(speed)] : [])
	].join('\n\n');
	console.log(report);
	return report;
}

function chosenScenes() {
	if (values.scenes === undefined) return rendered;
	return values.scenes.split(',').map((id) => {
		const scene = [...rendered, sampleScene].find((candidate) => candidate.id === id);
		if (!scene) throw new Error(`there is no scene "${id}"`);
		return scene;
	});
}

function parseSize(text: string): Size {
	const match = /^(\d+)x(\d+)$/.exec(text);
	if (!match) throw new Error(`"${text}" is not a size such as 640x360`);
	return { width: Number(match[1]), height: Number(match[2]) };
}

function parseCount(text: string): number {
	const count = Number(text);
	if (!Number.isInteger(count) || count < 1) throw new Error(`"${text}" is not a number of frames`);
	return count;
}

/** Puts the tables between the markers of docs/benchmarks.md. */
async function writeReport(tables: string): Promise<void> {
	const file = new URL('../../docs/benchmarks.md', import.meta.url);
	const [before, after] = ['<!-- results -->', '<!-- end of results -->'];
	const text = await readFile(file, 'utf8');
	const [start, end] = [text.indexOf(before), text.indexOf(after)];
	if (start < 0 || end < start) throw new Error('docs/benchmarks.md has lost its markers');
	await writeFile(file, `${text.slice(0, start)}${before}\n\n${tables}\n\n${text.slice(end)}`);
}
