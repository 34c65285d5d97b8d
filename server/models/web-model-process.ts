/** The process that writes one model for browsers: most of a minute of computing for SAM 3, which would hold up the server. */
import { describeFailure } from '../failure.ts';
import { writeWebModel, type WebModelSource } from './web-model-file.ts';
import type { WebModelMessage } from './write-apart.ts';

/** Milliseconds between two messages about the progress. */
const INTERVAL = 250;

process.on('disconnect', () => process.exit());
const send = (message: WebModelMessage) => process.send!(message);
const sendLast = (message: WebModelMessage) => process.send!(message, () => process.exit());

let told = 0;
try {
	const source = JSON.parse(process.argv[2]!) as WebModelSource;
	const served = await writeWebModel(source, (progress) => {
		if (Date.now() - told < INTERVAL) return;
		told = Date.now();
		send({ progress });
	});
	sendLast({ served });
} catch (error) {
	sendLast(describeFailure(error));
}
