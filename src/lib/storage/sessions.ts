import type { Database, SavedSession } from './database.ts';

/** The saved sessions of this browser. */
export class SessionStore {
	constructor(private readonly database: Promise<Database>) {}

	async get(id: string): Promise<SavedSession | undefined> {
		return (await this.database).get('sessions', id);
	}

	/** Newest first. */
	async list(): Promise<SavedSession[]> {
		const sessions = await (await this.database).getAllFromIndex('sessions', 'updated');
		return sessions.reverse();
	}

	async put(session: SavedSession): Promise<void> {
		await (await this.database).put('sessions', session);
	}

	async remove(id: string): Promise<void> {
		await (await this.database).delete('sessions', id);
	}
}
