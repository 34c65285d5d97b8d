import { errorMessage } from '$lib/i18n/words.ts';
import { formatBytes } from '$lib/i18n/format.ts';
import type { Machine } from '$workers/benchmark/types.ts';
import { providers, type Benchmark } from './benchmark.svelte.ts';

/** The results as Markdown, in English for whoever they are sent to; only errors are in the user's language. */
export function markdown(
	{ machine, proofs, rows }: Pick<Benchmark, 'machine' | 'proofs' | 'rows'>,
	about: { readonly version: string; readonly browser: string }
): string {
	const lines = [`## SplazMatte ${about.version}: SAM 3 in the browser`, '', `- Browser: ${about.browser}`];
	if (machine) lines.push(...machineLines(machine));
	for (const provider of providers) {
		const proof = proofs[provider];
		if (proof?.state === 'right') lines.push(`- ${provider}: right (${Math.round(proof.milliseconds)} ms)`);
		if (proof?.state === 'failed') lines.push(`- ${provider}: ${errorMessage(proof.error)}`);
	}
	const measured = rows.filter(({ outcome }) => outcome.state === 'done' || outcome.state === 'failed');
	if (measured.length === 0) return lines.join('\n');
	lines.push('', '| Runs on | Input | Precision | Open | First frame | Frame | Click | Slowest click |');
	lines.push('| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |');
	for (const { setup, outcome } of measured) {
		const cells: (string | number)[] = [setup.provider, setup.size, setup.precision];
		if (outcome.state === 'failed') cells.push(errorMessage(outcome.error), '', '', '', '');
		else if (outcome.state === 'done') {
			const { open, firstEncode, encode, decode, slowestDecode } = outcome.times;
			cells.push(
				...[open, firstEncode, encode, decode, slowestDecode].map((time) => `${Math.round(time)} ms`)
			);
		}
		lines.push(`| ${cells.join(' | ')} |`);
	}
	return lines.join('\n');
}

function machineLines({ adapter, threads, isolated, standIn }: Machine): string[] {
	return [
		...(adapter
			? [
					`- Graphics card: ${adapterName(adapter)}${adapter.software ? ' (a program)' : ''}`,
					`- Largest buffer: ${formatBytes(adapter.limits.maxBufferSize)}, bound: ${formatBytes(adapter.limits.maxStorageBufferBindingSize)}`,
					`- Features: ${[...adapter.features].sort().join(', ') || 'none'}`
				]
			: ['- Graphics card: none that WebGPU can use']),
		`- WebAssembly threads: ${threads}${isolated ? '' : ' (the page is not isolated)'}`,
		...(standIn ? ['- Weights: a stand-in; times count, masks mean nothing'] : [])
	];
}

/** What a browser tells of its graphics card. */
export function adapterName({ vendor, architecture, description }: NonNullable<Machine['adapter']>): string {
	return [description, vendor, architecture].filter(Boolean).join(', ') || '?';
}
