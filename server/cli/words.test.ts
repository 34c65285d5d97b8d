import { describe, expect, it } from 'vitest';
import { modelError } from '../../models/errors.ts';
import { terminalCodes, terminalLanguage, Words } from './words.ts';

describe('the terminal’s words', () => {
	it.each(['en', 'zh'] as const)('has every sentence in %s', (language) => {
		const words = new Words(language);
		for (const code of terminalCodes) expect(words.say(code)).not.toMatch(/^terminal/);
	});

	it('follows the environment', () => {
		expect(terminalLanguage({ LC_ALL: '', LANG: 'zh_CN.UTF-8' })).toBe('zh');
		expect(terminalLanguage({ LC_ALL: 'C', LANG: 'zh_CN.UTF-8' })).toBe('en');
	});

	it('says what ran in the terminal’s language', () => {
		const run = { provider: 'cpu', precision: 'float32' };
		expect(new Words('en').ran('sam3', run)).toBe('sam3 on cpu in float32');
		expect(new Words('zh').ran('sam3', run)).toBe('sam3（cpu，float32）');
		expect(new Words('en').ran('classic', { provider: 'CPU' })).toBe('classic on CPU');
	});

	it('calls kinds of prompts by their names', () => {
		const error = modelError('prompt-unknown', { kind: 'words', segmenter: 'classic' });
		expect(new Words('en').error(error)).toContain('classic does not understand words.');
		expect(new Words('zh').error(error)).toContain('classic 不支持文字描述。');
	});
});
