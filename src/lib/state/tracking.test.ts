import { describe, expect, it, vi } from 'vitest';
import {
	frames,
	mark,
	masksFile,
	sam3Here,
	someMask,
	trackingFixture
} from '$lib/testing/tracking.fixture.ts';
import { someHealth } from '$lib/testing/fakes.ts';
import { appError } from '$protocol/errors.ts';

const last = frames - 1;

describe('tracking in this browser', () => {
	it('wants a target, follows it through the whole clip, and is done then', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		expect(tracking.obstacle).toBe('no-mask');
		await mark(session, 4);
		expect(tracking.obstacle).toBeUndefined();
		await tracking.start();
		expect(segmentation.asked).toEqual([
			{
				...{ from: 0, to: last },
				targets: [{ id: 1, keyframes: [{ frame: 4, prompts: [], mask: someMask(2) }] }]
			}
		]);
		expect(session.prompting.trackedRanges(1)).toEqual([[0, last]]);
		expect(tracking.obstacle).toBe('done');
		expect(session.tracking?.open).toBeUndefined();
	});

	it('follows a target through a part of the clip', async () => {
		const { tracking, session } = trackingFixture();
		await mark(session, 4);
		tracking.setFrom(3);
		tracking.setTo(6);
		expect(session.tracking).toMatchObject({ from: 0.3, to: 0.6 });
		await tracking.start();
		expect(session.prompting.trackedRanges(1)).toEqual([[3, 6]]);
		tracking.setFrom(8);
		expect(tracking.range).toEqual([8, last]);
		tracking.setTo(2);
		expect(tracking.range).toEqual([0, 2]);
		tracking.setRange(undefined, undefined);
		expect(tracking.ranged).toBe(false);
	});

	it('tells how far it is, stops, keeps what came, and goes on from there', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		await mark(session, 2);
		segmentation.before = (index) => {
			if (index !== 6) return;
			expect(tracking.progress).toMatchObject({ stage: 'track', done: 4, total: frames });
			return tracking.stop();
		};
		await tracking.start();
		expect(session.prompting.trackedRanges(1)).toEqual([[2, 5]]);
		expect(tracking.stoppedAt).toBe(6);
		expect(tracking.error).toBeUndefined();

		segmentation.before = () => {};
		await tracking.start();
		// It begins from the last mask, not from the first keyframe.
		expect(segmentation.asked[1]!.targets[0]!.keyframes).toContainEqual({
			...{ frame: 5, prompts: [] },
			mask: someMask(3)
		});
		expect(session.prompting.trackedRanges(1)).toEqual([[0, last]]);
		expect(tracking.stoppedAt).toBeUndefined();
	});

	it('offers to go on when the page was closed in the middle', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		await mark(session, 0);
		segmentation.before = (index) => {
			if (index === 3) tracking.close();
		};
		await tracking.start();
		const { tracking: again } = trackingFixture(session);
		await again.resume();
		expect(again.progress).toBeUndefined();
		expect(again.stoppedAt).toBe(3);
		again.dismiss();
		expect(again.stoppedAt).toBeUndefined();
	});

	it('tracks again from a corrected frame on, and leaves what lies before', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		await mark(session, 0);
		await tracking.start();
		await mark(session, 6);
		expect(tracking.purpose).toBe('again');
		expect(tracking.plan).toEqual([{ from: 6, to: last, targets: [1] }]);
		const before = session.prompting.tracked.find(1, 5);
		await tracking.start();
		expect(segmentation.asked[1]).toMatchObject({ from: 6, to: last });
		expect(session.prompting.tracked.find(1, 5)).toBe(before);
		expect(session.prompting.staleFrom(1)).toBeUndefined();
		expect(tracking.obstacle).toBe('done');
	});

	it('keeps what came before the clip’s damage, and says so', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		await mark(session, 0);
		segmentation.before = (index) => {
			if (index === 7) throw appError('clip-damaged', { frame: 7 });
		};
		await tracking.start();
		expect(tracking.error).toEqual({ code: 'clip-damaged', params: { frame: 7 } });
		expect(session.prompting.trackedRanges(1)).toEqual([[0, 6]]);
		expect(tracking.stoppedAt).toBe(7);
	});

	it('makes targets of what words find besides', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		segmentation.way = 'webgpu';
		await mark(session, 0);
		tracking.words = 'person';
		segmentation.found = (index) => (index >= 4 ? [[2, someMask(1)]] : [[2, someMask(0)]]);
		await tracking.start();
		expect(segmentation.asked[0]!.concept).toEqual({ words: 'person' });
		const { prompting } = session;
		expect(prompting.targets).toMatchObject([{ id: 1 }, { id: 2, name: 'person', words: 'person' }]);
		expect(prompting.framesOf(2)).toEqual([4]);
		expect(prompting.trackedRanges(2)).toEqual([[0, last]]);
		expect(prompting.tracked.at(2, 3)).toMatchObject({ counts: [4] });
		expect(prompting.tracked.at(2, 4)).toEqual(someMask(1));
		expect(tracking.obstacle).toBe('done');
	});

	it('leaves a target alone of which nothing is seen', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		const { prompting } = session;
		segmentation.way = 'webgpu';
		session.pixels = 0;
		await mark(session, 0);
		expect(tracking.obstacle).toBe('no-mask');
		session.pixels = 2;
		await mark(session, 0);
		session.pixels = 0;
		prompting.addTarget();
		await mark(session, 3);
		expect(tracking.plan).toEqual([{ from: 0, to: last, targets: [1] }]);
		tracking.words = 'person';
		// The number after the highest that was asked for, though the user's target has it.
		segmentation.found = () => [[2, someMask(1)]];
		await tracking.start();
		expect(segmentation.asked[0]!.targets).toMatchObject([{ id: 1 }]);
		expect(prompting.trackedRanges(2)).toEqual([]);
		expect(prompting.targets[2]).toMatchObject({ words: 'person' });
		expect(prompting.trackedRanges(prompting.targets[2]!.id)).toEqual([[0, last]]);
		expect(tracking.obstacle).toBe('done');
	});

	it('says that it is stopping until the frame is done that is being computed', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		await mark(session, 0);
		segmentation.before = async (index) => {
			if (index !== 3) return;
			expect(tracking.stopping).toBe(false);
			await tracking.stop();
			expect(tracking.progress).toBeDefined();
			expect(tracking.stopping).toBe(true);
		};
		await tracking.start();
		expect(tracking.progress).toBeUndefined();
		expect(tracking.stopping).toBe(false);
	});

	it('does not begin when the session is closed while its masks are waited for', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		await mark(session, 0);
		const started = tracking.start();
		session.closed = true;
		await started;
		expect(segmentation.asked).toEqual([]);
		expect(session.tracking).toBeUndefined();
	});

	it('does nothing while another tab writes the session', async () => {
		const { tracking, session, segmentation } = trackingFixture();
		await mark(session, 0);
		session.lockedOut = true;
		expect(tracking.obstacle).toBe('elsewhere');
		await tracking.start();
		expect(segmentation.asked).toEqual([]);
	});
});

describe('tracking on the server', () => {
	async function onServer() {
		const fixture = trackingFixture();
		fixture.connection.health = someHealth({ segmenters: sam3Here });
		await mark(fixture.session, 4);
		return fixture;
	}
	const requested = ({ requests }: { requests: unknown[] }, count = 1) =>
		vi.waitFor(() => expect(requests).toHaveLength(count));

	it('asks for a job, tells what it is at, and takes its masks', async () => {
		const fixture = await onServer();
		const { tracking, session, requests, event } = fixture;
		const ended = tracking.start();
		await requested(fixture);
		expect(requests[0]).toMatchObject({
			...{ segmenter: 'sam3', from: 0, to: 0.9 },
			targets: [{ id: 1, keyframes: [{ time: 0.4, prompts: [], mask: someMask(2) }] }]
		});
		await vi.waitFor(() => expect(tracking.progress).toMatchObject({ stage: 'queued' }));
		event({ state: 'running', progress: { stage: 'track', done: 8, total: 10, etaMs: 500 } });
		expect(tracking.progress).toMatchObject({
			...{ stage: 'track', done: 8, total: 10, etaMs: 500 },
			there: [
				[4, 9],
				[2, 3]
			]
		});
		event({ state: 'done' });
		await ended;
		expect(session.prompting.trackedRanges(1)).toEqual([[0, last]]);
		expect(session.tracking?.open).toBeUndefined();
	});

	it('finds its job again when the page is opened anew, and takes masks of older marks as out of date', async () => {
		const fixture = await onServer();
		const { tracking, session } = fixture;
		void tracking.start();
		await requested(fixture);
		await vi.waitFor(() => expect(session.tracking?.open?.job).toMatchObject({ id: 't1' }));
		tracking.close();
		await mark(session, 7);

		const reopened = trackingFixture(session);
		reopened.connection.health = someHealth({ segmenters: sam3Here });
		reopened.event({ state: 'running' });
		const resumed = reopened.tracking.resume();
		reopened.event({ state: 'done' });
		await requested(reopened);
		// What was marked since is asked for on top.
		expect(session.prompting.trackedRanges(1)).toEqual([[0, last]]);
		expect(reopened.requests[0]).toMatchObject({ from: 0.7, to: 0.9 });
		reopened.api.masks.mockResolvedValueOnce(masksFile({ from: 7, to: last }));
		reopened.event({ id: 't1', state: 'done' });
		await resumed;
		expect(reopened.tracking.obstacle).toBe('done');
	});

	it('waits for the clip, and for a server that is away', async () => {
		const fixture = await onServer();
		const { tracking, session, connection, api, event } = fixture;
		session.upload.state = { kind: 'checking' };
		const ended = tracking.start();
		await vi.waitFor(() => expect(tracking.progress).toMatchObject({ stage: 'upload' }));
		api.createTrack.mockRejectedValueOnce(appError('server-away'));
		session.upload.reach(session.arrived);
		await vi.waitFor(() => expect(tracking.progress).toMatchObject({ stage: 'away' }));
		connection.comeBack();
		await requested(fixture);
		// The masks break off once, too.
		api.masks.mockImplementationOnce(async () => {
			throw appError('server-away');
		});
		event({ state: 'done' });
		await vi.waitFor(() => expect(connection.suspect).toHaveBeenCalledTimes(2));
		connection.comeBack();
		await ended;
		expect(session.prompting.trackedRanges(1)).toEqual([[0, last]]);
	});

	it('sends a clip again that the server has lost', async () => {
		const fixture = await onServer();
		const { tracking, session, api, event } = fixture;
		api.createTrack.mockRejectedValueOnce(appError('clip-missing'));
		const ended = tracking.start();
		await requested(fixture);
		expect(session.sendAgain).toHaveBeenCalledOnce();
		event({ state: 'done' });
		await ended;
	});

	it('runs again what the server’s end has interrupted', async () => {
		const fixture = await onServer();
		const { tracking, session, api, event } = fixture;
		const ended = tracking.start();
		await requested(fixture);
		event({ state: 'interrupted' });
		await vi.waitFor(() => expect(api.retryJob).toHaveBeenCalledExactlyOnceWith('t1'));
		event({ state: 'queued' });
		event({ state: 'running' });
		event({ state: 'done' });
		await ended;
		expect(session.prompting.trackedRanges(1)).toEqual([[0, last]]);
	});

	it('says why the server failed, and can be stopped', async () => {
		const fixture = await onServer();
		const { tracking, api, event } = fixture;
		const failed = tracking.start();
		await requested(fixture);
		event({ state: 'failed', error: { code: 'engine-died', params: {} } });
		await failed;
		expect(tracking.error).toEqual({ code: 'engine-died', params: {} });
		expect(tracking.stoppedAt).toBe(0);

		const stopped = tracking.start();
		await requested(fixture, 2);
		event({ id: 't2', state: 'running' });
		await vi.waitFor(() => expect(tracking.progress).toMatchObject({ stage: 'load' }));
		await tracking.stop();
		await stopped;
		expect(api.cancelJob).toHaveBeenCalledExactlyOnceWith('t2');
		expect(tracking.error).toBeUndefined();
	});

	it('does not take up again what someone has cancelled, or the server has lost', async () => {
		const fixture = await onServer();
		const { tracking, session } = fixture;
		void tracking.start();
		await requested(fixture);
		await vi.waitFor(() => expect(session.tracking?.open?.job).toBeDefined());
		tracking.close();
		const kept = session.tracking;
		for (const state of ['cancelled', undefined] as const) {
			session.tracking = kept;
			const reopened = trackingFixture(session);
			if (state) reopened.event({ state });
			await reopened.tracking.resume();
			expect(reopened.requests).toEqual([]);
			expect(reopened.tracking.error?.code).toBe(state ? undefined : 'job-missing');
			expect(session.tracking?.open).toMatchObject({ place: 'server', job: undefined });
			expect(reopened.tracking.stoppedAt).toBe(0);
		}
	});

	/** The page, opened anew while the server is at its job. */
	async function reopened(words?: string) {
		const before = await onServer();
		before.tracking.words = words;
		void before.tracking.start();
		await requested(before);
		await vi.waitFor(() => expect(before.session.tracking?.open?.job).toBeDefined());
		before.tracking.close();
		const fixture = trackingFixture(before.session);
		fixture.connection.health = someHealth({ segmenters: sam3Here });
		fixture.event({ state: 'running' });
		return { ...fixture, resumed: fixture.tracking.resume() };
	}

	it('can be stopped when it was found again, by another page too, and does not begin anew then', async () => {
		for (const ends of ['here', 'elsewhere'] as const) {
			const { tracking, session, requests, api, event, resumed } = await reopened();
			expect(tracking.progress).toMatchObject({ stage: 'load' });
			if (ends === 'here') await tracking.stop();
			else event({ state: 'cancelled' });
			await resumed;
			expect(api.cancelJob).toHaveBeenCalledTimes(ends === 'here' ? 1 : 0);
			expect(requests).toEqual([]);
			expect(tracking.error).toBeUndefined();
			expect(session.tracking?.open).toMatchObject({ place: 'server', job: undefined });
			expect(tracking.stoppedAt).toBe(0);
		}
	});

	it('looks for what words describe once, though the page was opened anew meanwhile', async () => {
		const { tracking, session, requests, api, event, resumed } = await reopened('person');
		expect(tracking.words).toBe('person');
		api.masks.mockResolvedValueOnce(masksFile({ from: 0, to: last }, [1, 2]));
		event({ state: 'done' });
		await resumed;
		expect(requests).toEqual([]);
		expect(session.prompting.targets).toMatchObject([{ id: 1 }, { id: 2, words: 'person' }]);
		expect(session.prompting.trackedRanges(2)).toEqual([[0, last]]);
		expect(tracking.words).toBeUndefined();
		expect(session.tracking?.open).toBeUndefined();
		expect(tracking.obstacle).toBe('done');
	});

	it('cancels a job that is only told of when it is not wanted any more', async () => {
		const fixture = await onServer();
		const { tracking, session, api } = fixture;
		const create = api.createTrack.getMockImplementation()!;
		api.createTrack.mockImplementationOnce(async (request) => {
			await tracking.stop();
			return create(request);
		});
		await tracking.start();
		expect(api.cancelJob).toHaveBeenCalledExactlyOnceWith('t1');
		expect(session.tracking?.open?.job).toBeUndefined();
		expect(tracking.stoppedAt).toBe(0);
	});

	it('is told from the start that it cannot be, where the user wants it there', async () => {
		const { tracking, session, place, connection } = trackingFixture();
		await mark(session, 0);
		place.wish = 'server';
		expect(tracking.place).toMatchObject({ tracker: 'server-classic', reason: 'wish' });
		connection.status = 'away';
		expect(tracking.obstacle).toBe('away');
		session.upload.state = { kind: 'refused', error: { code: 'clip-codec', params: {} } };
		expect(tracking.obstacle).toBe('refused');
	});
});
