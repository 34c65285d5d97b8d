import { describe, expect, it } from 'vitest';
import type { EngineStatus } from '$protocol/schema.ts';
import { alternativeTo, runsHere } from './engines.ts';

const engine = (id: EngineStatus['id'], change: Partial<EngineStatus> = {}): EngineStatus => ({
	...{
		id,
		available: true,
		provider: 'cpu',
		licence: 'MIT',
		commercialUse: true,
		download: 0,
		standIn: false
	},
	...change
});

describe('alternativeTo', () => {
	const away = { available: false };

	it('is the same network elsewhere, where that can run', () => {
		const engines = [engine('classic'), engine('matanyone2', away), engine('matanyone2-web')];
		expect(alternativeTo('matanyone2', engines)?.id).toBe('matanyone2-web');
	});

	it('is else whatever can run', () => {
		const engines = [engine('classic'), engine('matanyone2', away), engine('matanyone2-web', away)];
		expect(alternativeTo('matanyone2', engines)?.id).toBe('classic');
		expect(alternativeTo('matanyone2', [engine('matanyone2', away)])).toBeUndefined();
	});

	it('is nothing whose weights are stand-ins', () => {
		const engines = [engine('matanyone2-web', { standIn: true }), engine('classic')];
		expect(alternativeTo('matanyone2', engines)?.id).toBe('classic');
	});
});

describe('runsHere', () => {
	it('is true of what runs in browsers only', () => {
		expect(runsHere('matanyone2-web')).toBe(true);
		expect(runsHere('matanyone2')).toBe(false);
		expect(runsHere('classic')).toBe(false);
	});
});
