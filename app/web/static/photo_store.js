// Photos that could not be sent yet live in the browser's own store, so that a closed tab loses none.
// Where the browser has no such store (private windows of some phones) they live as long as the page.

const NAME = "ducha-photos";
const memory = new Map();
let serial = 0;

function open() {
  return new Promise((done) => {
    if (!globalThis.indexedDB) {
      done(null);
      return;
    }
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("photos", { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
  });
}

function within(db, mode, work) {
  return new Promise((done) => {
    const request = work(db.transaction("photos", mode).objectStore("photos"));
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(undefined);
  });
}

export async function keepPhoto(run, item, file) {
  const db = await open();
  if (db) {
    const id = await within(db, "readwrite", (store) => store.add({ run, item, file }));
    if (id !== undefined) return String(id);
  }
  serial += 1;
  memory.set(`m${serial}`, { id: `m${serial}`, run, item, file });
  return `m${serial}`;
}

export async function forgetPhoto(id) {
  if (memory.delete(id)) return;
  const db = await open();
  if (db) await within(db, "readwrite", (store) => store.delete(Number(id)));
}

export async function keptPhotos(run) {
  const db = await open();
  const stored = db ? ((await within(db, "readonly", (store) => store.getAll())) ?? []) : [];
  return [...stored.map((photo) => ({ ...photo, id: String(photo.id) })), ...memory.values()].filter((photo) => photo.run === run);
}
