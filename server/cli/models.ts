import { createInterface } from 'node:readline/promises';
import { Hub } from '../../models/hub/hub.ts';
import { pullModel } from '../../models/hub/pull.node.ts';
import { makeStandIn } from '../../models/hub/stand-in.node.ts';
import { ModelStore, type Installation } from '../../models/hub/store.node.ts';
import { models, type ModelInfo } from '../../models/registry.ts';
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { describeFailure } from '../failure.ts';
import { UsageError } from './args.ts';
import { ByteBar } from './byte-bar.ts';
import { formatBytes } from './bytes.ts';
import { modelsUsage, parseModelsCommand, type ModelsCommand } from './models-args.ts';
import { Words } from './words.ts';

const status = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;
type Pull = Extract<ModelsCommand, { name: 'pull' }>;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
	const words = new Words();
	const interrupt = new AbortController();
	process.once('SIGINT', () => interrupt.abort());
	process.once('SIGTERM', () => interrupt.abort());
	try {
		await run(parseModelsCommand(argv), loadConfig(process.env), words, interrupt.signal);
		return status.done;
	} catch (error) {
		if (interrupt.signal.aborted) {
			console.error('Interrupted. What has arrived is kept: the same command goes on from there.');
			return status.interrupted;
		}
		if (error instanceof UsageError) {
			console.error(`${error.message}\n\n${modelsUsage}`);
			return status.usage;
		}
		if (error instanceof ConfigError) {
			console.error(error.message);
			return status.usage;
		}
		const { error: told } = describeFailure(error);
		console.error(told ? words.told(told) : words.error(error));
		if (told?.code === 'model-licence') console.error('Add --accept-licence once you have.');
		return status.failed;
	}
}

async function run(command: ModelsCommand, config: Config, words: Words, signal: AbortSignal): Promise<void> {
	const store = new ModelStore(config.weights);
	switch (command.name) {
		case 'help':
			return console.log(modelsUsage);
		case 'list':
			return list(store);
		case 'show':
			return show(store, command.model, words);
		case 'pull':
			return pull(store, command, config, words, signal);
		case 'verify':
			return verify(store, command.model, signal);
		case 'remove':
			return remove(store, command.model);
		case 'make-stand-in': {
			const { model, gain, dtype } = command;
			const bar = new ByteBar();
			await makeStandIn(store, model, {
				...{ gain, dtype, signal },
				onBytes: (bytes) => bar.update(model.id, bytes, Math.max(bytes, model.bytes))
			}).finally(() => bar.end());
			console.log(`Stand-in weights of ${model.name} are in ${store.folder(model)}.`);
			console.error('They come from a formula: what the model answers with them means nothing.');
		}
	}
}

async function list(store: ModelStore): Promise<void> {
	const rows = await Promise.all(
		models.map(async (model) => {
			const { licence } = model;
			const terms = `${licence.name}${licence.commercialUse ? '' : ', no commercial use'}`;
			return [model.id, stateText(await store.inspect(model)), formatBytes(model.bytes), terms];
		})
	);
	const table = [['Model', 'State', 'Size', 'Licence'], ...rows];
	const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
	for (const row of table)
		console.log(
			row
				.map((text, column) => text.padEnd(widths[column]!))
				.join('  ')
				.trimEnd()
		);
}

async function show(store: ModelStore, model: ModelInfo, words: Words): Promise<void> {
	const { name, licence, codeLicence } = model;
	const installation = await store.inspect(model);
	const { manifest, pull, problem } = installation;
	const record = manifest ?? pull;
	console.log(`${name} (${model.id})\n${words.modelAbout(model.id)}\n`);
	const facts: [string, string | undefined][] = [
		['State', stateText(installation)],
		['Problem', problem && words.error(problem)],
		['Size', formatBytes(model.bytes)],
		['Licence', `${licence.name}: ${licence.url}`],
		['Commercial use', licence.commercialUse ? 'allowed' : 'not allowed'],
		['Terms', words.licenceTerms(licence.id)],
		["Authors' code", codeLicence && `${codeLicence.name}: ${codeLicence.url}`],
		['Accepted', record?.licence?.accepted],
		...(record?.sources ?? []).flatMap(({ page, revision, commit }): [string, string][] => [
			['Source', page],
			['Revision', `${revision} = ${commit}`]
		]),
		...(record?.sources ? [] : model.sources).map(({ repository }): [string, string] => [
			'Source',
			`${repository} on the hub`
		]),
		['Folder', store.folder(model)],
		...(manifest?.files ?? []).map(({ path, bytes, sha256 }): [string, string] => [
			path,
			`${formatBytes(bytes)}, SHA-256 ${sha256}`
		])
	];
	const width = Math.max(...facts.map(([label]) => label.length));
	for (const [label, text] of facts) if (text) console.log(`${label.padEnd(width)}  ${text}`);
}

async function pull(
	store: ModelStore,
	command: Pull,
	config: Config,
	words: Words,
	signal: AbortSignal
): Promise<void> {
	const { model, revision } = command;
	const hub = new Hub({
		endpoint: command.endpoint ?? config.hub,
		token: command.token ?? config.hubToken
	});
	const bar = new ByteBar();
	const manifest = await pullModel(model, store.folder(model), {
		...{ hub, revision, signal },
		acceptLicence: command.acceptLicence || (await asksForLicence(store, model, words, signal)),
		onProgress: ({ file, done, total }) => bar.update(file, done, total)
	}).finally(() => bar.end());
	const commits = manifest.sources!.map(({ commit }) => commit).join(', ');
	console.log(`${model.name} (${commits}) is in ${store.folder(model)}.`);
}

/** On a terminal, shows the licence and asks; elsewhere nobody can answer. */
async function asksForLicence(
	store: ModelStore,
	model: ModelInfo,
	words: Words,
	signal: AbortSignal
): Promise<boolean> {
	const { licence, codeLicence, name } = model;
	const { manifest, pull } = await store.inspect(model);
	if ((pull ?? manifest)?.licence || !process.stdin.isTTY || !process.stderr.isTTY) return false;
	console.error(`${name} comes under the ${licence.name}. ${words.licenceTerms(licence.id)}\n${licence.url}`);
	if (codeLicence) {
		const terms = words.licenceTerms(codeLicence.id);
		console.error(`Its authors' code comes under ${codeLicence.name}. ${terms}\n${codeLicence.url}`);
	}
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	// It hears Ctrl+C before the process does.
	terminal.once('SIGINT', () => process.emit('SIGINT'));
	try {
		const answer = await terminal.question('Have you read it, and do you accept it? [y/N] ', { signal });
		return /^y(es)?$/i.test(answer.trim());
	} finally {
		terminal.close();
	}
}

async function verify(store: ModelStore, model: ModelInfo, signal: AbortSignal): Promise<void> {
	const checked = await store.verify(model, signal);
	for (const [path, sha256] of checked) console.log(`${path}  ${sha256}  right`);
	if (checked.size === 0)
		console.log(
			"The files were put there by hand: they have the model's tensors, and there is no record to compare their bytes with."
		);
}

async function remove(store: ModelStore, model: ModelInfo): Promise<void> {
	const { state } = await store.inspect(model);
	await store.remove(model);
	console.log(state === 'absent' ? `${model.name} was not installed.` : `${model.name} was removed.`);
}

function stateText({ state, origin, bytes }: Installation): string {
	if (state === 'absent') return 'not installed';
	if (state === 'partial') return `${formatBytes(bytes)} downloaded`;
	if (state === 'damaged') return 'damaged';
	const origins = { hub: 'installed', 'stand-in': 'stand-in weights', 'by-hand': 'placed by hand' };
	return origins[origin!];
}
