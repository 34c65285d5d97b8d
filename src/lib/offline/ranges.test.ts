import { expect, it } from 'vitest';
import { replyFrom } from './ranges.ts';

const whole = () =>
	new Response('0123456789', {
		headers: {
			ETag: '"a"',
			'Content-Type': 'video/mp4',
			'Content-Length': '10',
			'Cross-Origin-Embedder-Policy': 'require-corp'
		}
	});

async function ask(headers: Record<string, string>) {
	const answer = await replyFrom(whole(), new Request('https://matte.example/a.mp4', { headers }));
	const { status, headers: got } = answer;
	expect(got.get('Cross-Origin-Embedder-Policy')).toBe('require-corp');
	return {
		status,
		text: await answer.text(),
		range: got.get('Content-Range'),
		length: got.get('Content-Length')
	};
}

it.each([
	['bytes=2-4', { status: 206, text: '234', range: 'bytes 2-4/10', length: '3' }],
	['bytes=7-', { status: 206, text: '789', range: 'bytes 7-9/10', length: '3' }],
	['bytes=-2', { status: 206, text: '89', range: 'bytes 8-9/10', length: '2' }],
	['bytes=8-99', { status: 206, text: '89', range: 'bytes 8-9/10', length: '2' }],
	['bytes=10-', { status: 416, text: '', range: 'bytes */10', length: null }],
	['bytes=0-1,4-5', { status: 200, text: '0123456789', range: null, length: '10' }]
])('%s of a kept file', async (Range, expected) => {
	expect(await ask({ Range })).toEqual(expected);
});

it('the whole file is sent when no part is asked for, or a part of other bytes', async () => {
	const all = { status: 200, text: '0123456789', range: null, length: '10' };
	expect(await ask({})).toEqual(all);
	expect(await ask({ Range: 'bytes=2-4', 'If-Range': '"b"' })).toEqual(all);
	expect((await ask({ Range: 'bytes=2-4', 'If-Range': '"a"' })).status).toBe(206);
});
