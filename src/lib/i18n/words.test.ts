import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matterStages } from '$models/matter.ts';
import { providerProblems } from '$models/provider.ts';
import { installationStates, origins } from '$models/hub/manifest.ts';
import { engines, licenceIds, models } from '$models/registry.ts';
import { segmenters } from '$models/segmenters.ts';
import { errorCodes } from '$protocol/errors.ts';
import { jobState, notice, outputKinds, progress } from '$protocol/schema.ts';
import { shortcuts } from '$lib/shortcuts.ts';
import { resultViews } from '$lib/state/result-views.ts';
import { obstacles } from '$lib/state/readiness.ts';
import { placeReasons, trackers, trackPlaces } from '$lib/state/track-place.ts';
import { trackStages } from '$lib/state/track-run.svelte.ts';
import { trackObstacles } from '$lib/state/tracking.svelte.ts';
import { locales, overwriteGetLocale, type Locale } from './paraglide/runtime.js';
import { errorMessage, messageKey, noticeMessage, say } from './words.ts';

const read = (locale: Locale): Record<string, string> =>
	JSON.parse(readFileSync(new URL(`../../../messages/${locale}.json`, import.meta.url), 'utf8'));
const messages: Record<Locale, Record<string, string>> = { en: read('en'), zh: read('zh') };

const needed = [
	...trackPlaces.map((place) => messageKey('track_place', place)),
	...trackers.map((tracker) => messageKey('track_by', tracker)),
	...placeReasons.map((reason) => messageKey('track_because', reason)),
	...trackStages.map((stage) => messageKey('track_stage', stage)),
	...trackObstacles.map((obstacle) => messageKey('track_why', obstacle)),
	...errorCodes.map((code) => messageKey('error', code)),
	...notice.shape.code.options.map((code) => messageKey('notice', code)),
	...progress.shape.stage.options.map((stage) => messageKey('stage', stage)),
	...matterStages.map((stage) => messageKey('matter_stage', stage)),
	...jobState.options.map((state) => messageKey('state', state)),
	...outputKinds.flatMap((kind) => [messageKey('output', kind), messageKey('output', `${kind}-about`)]),
	...engines.flatMap(({ id }) => [messageKey('engine', `${id}-name`), messageKey('engine', `${id}-about`)]),
	...models.map(({ id }) => messageKey('model', `${id}-about`)),
	...licenceIds.map((id) => messageKey('licence', `${id}-terms`)),
	...installationStates
		.filter((state) => state !== 'present')
		.map((state) => messageKey('models_state', state)),
	...origins.map((origin) => messageKey('models_origin', origin)),
	...providerProblems.map((code) => messageKey('provider', code)),
	...obstacles.map((why) => messageKey('matte_why', why)),
	...resultViews.map((view) => messageKey('view', view)),
	...['words', 'example', 'mask', ...segmenters.flatMap(({ prompts }) => prompts)].map((kind) =>
		messageKey('prompt_kind', kind)
	),
	...shortcuts.map(({ id }) => messageKey('shortcut', id)),
	...shortcuts.map(({ group }) => messageKey('help_group', group))
];

const parameters = (message: string) => [...message.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe.each(locales)('the messages in %s', (locale) => {
	it('have words for every code', () => {
		expect(needed.filter((key) => !messages[locale][key])).toEqual([]);
	});

	it('are the same keys with the same parameters as in English', () => {
		expect(Object.keys(messages[locale]).sort()).toEqual(Object.keys(messages.en).sort());
		for (const [key, message] of Object.entries(messages[locale])) {
			expect([key, parameters(message)]).toEqual([key, parameters(messages.en[key]!)]);
		}
	});
});

describe('what is said', () => {
	let locale: Locale = 'en';
	beforeEach(() => overwriteGetLocale(() => locale));
	afterEach(() => (locale = 'en'));

	it('is filled with readable numbers', () => {
		const tooLong = { code: 'clip-too-long', params: { seconds: 75.2483, limit: 60 } } as const;
		expect(errorMessage(tooLong)).toContain('75.2 s');
		const tooLarge = { code: 'clip-too-large', params: { bytes: 3 * 2 ** 30, limit: 2 ** 31 } } as const;
		expect(errorMessage(tooLarge)).toMatch(/3 GB.*2 GB/);
	});

	it('follows the language', () => {
		expect(say('stage', 'matte')).toBe('Matting');
		locale = 'zh';
		expect(say('stage', 'matte')).toBe('正在抠像');
		expect(noticeMessage({ code: 'target-lost', params: { frames: 12 } })).toContain('12 帧');
	});

	it('calls an engine by its name', () => {
		const notice = (engine: string) => noticeMessage({ code: 'stand-in-weights', params: { engine } });
		expect(notice('matanyone2-web')).toContain('MatAnyone 2, in this browser ran');
		expect(notice('MatAnyone 2')).toContain('MatAnyone 2 ran');
	});

	it('calls kinds of prompts and segmenters by their names', () => {
		const params = { kind: 'mask', segmenter: 'classic' };
		expect(errorMessage({ code: 'prompt-unknown', params })).toContain(
			'Classic does not understand corrections of a mask.'
		);
	});

	it('is never made up', () => {
		expect(() => say('error', 'unheard-of')).toThrow('error_unheard_of');
	});
});
