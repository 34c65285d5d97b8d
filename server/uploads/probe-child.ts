/** Probes one clip and ends: FFmpeg reads files that anyone may have made, so a crash of it must stay in a process of its own. */
import { describeFailure } from '../failure.ts';
import { probe } from '../media/index.ts';
import { limits as limitsSchema } from '../protocol/schema.ts';
import type { ProbeMessage } from './probe.ts';

process.on('disconnect', () => process.exit());
const [path, limits] = process.argv.slice(2);
const send = (message: ProbeMessage) => process.send!(message, () => process.exit());

try {
	const info = await probe(path!, { limits: limitsSchema.parse(JSON.parse(limits!)) });
	const { width, height, duration, frames, frameRate, container, codec } = info;
	const pixelAspect = info.pixelAspect.num / info.pixelAspect.den;
	const audio = info.audio !== undefined;
	send({ facts: { width, height, pixelAspect, duration, frames, frameRate, container, codec, audio } });
} catch (error) {
	send(describeFailure(error));
}
