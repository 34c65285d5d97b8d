import { describe, expect, it } from 'vitest';
import { keptPath } from './routing.ts';

const origin = 'https://matte.example';
const get = (path: string, mode: RequestMode = 'no-cors', method = 'GET') =>
	keptPath({ method, mode, url: new URL(path, origin).href }, origin);

describe('which answer a request gets', () => {
	it.each(['/', '/?session=a1', '/library', '/library/a1?x=.y', '/some/other/page'])(
		'one page answers %s',
		(path) => expect(get(path, 'navigate')).toBe('/')
	);

	it.each(['/sample/sample.mp4', '/_app/immutable/workers/a.js', '/favicon.svg'])(
		'the file answers %s, asked for by the page or by the address bar',
		(path) => {
			expect(get(path)).toBe(path);
			expect(get(path, 'navigate')).toBe(path);
			expect(get(`${path}?again`)).toBe(path);
		}
	);

	it.each(['/api', '/api/health', '/api/jobs/1/outputs/alpha', '/api/clips/1/file'])(
		'%s goes to the server',
		(path) => {
			expect(get(path)).toBeUndefined();
			expect(get(path, 'navigate')).toBeUndefined();
		}
	);

	it('only what begins with /api/ is the API', () => {
		expect(get('/apiary', 'navigate')).toBe('/');
	});

	it('leaves other methods and other origins alone', () => {
		expect(get('/favicon.svg', 'no-cors', 'HEAD')).toBeUndefined();
		expect(get('/', 'cors', 'POST')).toBeUndefined();
		expect(get('https://other.example/favicon.svg')).toBeUndefined();
	});
});
