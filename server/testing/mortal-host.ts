/**
 * The engines' process, which dies in the middle of the first matte: as soon as it has told that it works on a certain window. The file that
 * `MORTAL_HOST` names says which; it is gone by then, so that the next process lives.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { HostMessage } from '../engines/messages.ts';

const order = process.env.MORTAL_HOST!;
const send = process.send!.bind(process);

process.send = (message: HostMessage) => {
	const step = message.reply.type === 'progress' ? message.reply.progress.step : undefined;
	if (!step || !existsSync(order) || step.window < Number(readFileSync(order, 'utf8'))) return send(message);
	rmSync(order);
	return send(message, () => process.kill(process.pid, 'SIGKILL'));
};

await import('../engines/host.ts');
