/**
 * Takes a lock that one process holds at a time; the system frees it if the process dies.
 *
 * @param path A file that exists only for this; it stays.
 * @param onWait Called if another process holds the lock.
 * @returns The lock, held until it is disposed of.
 *
 * @example
 * ```ts
 * import { lockFile } from "braid/files/lock_file.ts";
 *
 * using _lock = await lockFile(`${await Deno.makeTempDir()}/cache.lock`);
 * ```
 */
export async function lockFile(path: string, onWait: () => void = () => {}): Promise<Disposable> {
  const file = await Deno.open(path, { write: true, create: true });
  if (await file.tryLock(true)) return file;
  onWait();
  await file.lock(true);
  return file;
}
