// Where a line of YAML stands: the keys that lead to it, worked out from the indentation, and what the JSON
// Schema says about that place.

const KEY = /^(\s*)(- +)*("[^"]*"|'[^']*'|[^\s#:{}[\],&*!|>'"%@`-][^:#]*?|-[^\s:][^:#]*?)\s*:(?=\s|$)/;

function keyOf(line) {
  const found = KEY.exec(line);
  if (!found) return null;
  const before = line.slice(0, line.length - line.trimStart().length);
  const dashes = /^(\s*)((?:- +)*)/.exec(line);
  return { name: found[3].replace(/^["']|["']$/g, ""), indent: dashes[0].length, outer: before.length, listed: dashes[2] !== "" };
}

/** The keys above a place, outermost first; "*" stands for an entry of a list. */
export function pathAt(lines, row, indent) {
  const path = [];
  let limit = indent;
  for (let at = row - 1; at >= 0 && limit > 0; at--) {
    const line = lines[at];
    if (!line.trim() || line.trimStart().startsWith("#")) continue;
    const outer = line.length - line.trimStart().length;
    const key = keyOf(line);
    if (key && key.indent < limit) {
      path.unshift(key.name);
      limit = key.indent;
      if (key.listed && outer < limit) { path.unshift("*"); limit = outer + 1; }
    } else if (/^\s*- /.test(line) && outer < limit) {
      path.unshift("*");
      limit = outer + 1;
    }
  }
  return path;
}

/** The place of the cursor: path of its mapping, the key on the line, whether a value is being typed. */
export function placeAt(lines, row, column) {
  const line = lines[row] ?? "";
  const key = keyOf(line);
  const dashes = /^(\s*)((?:- +)*)/.exec(line.slice(0, column));
  const indent = key ? key.indent : dashes[0].length;
  const path = pathAt(lines, row, Math.max(dashes[2] ? dashes[1].length + 1 : indent, 0));
  if (dashes[2]) path.push("*");
  const colon = key ? line.indexOf(":", key.indent) : -1;
  const flow = line.slice(0, column).match(/[{,]\s*([a-z_]+)\s*:\s*[^{},]*$/);
  return { path, key: flow ? flow[1] : key?.name ?? "", value: (colon >= 0 && column > colon) || Boolean(flow) };
}

/** The parts of a schema that may stand here: references and alternatives are followed. */
function spread(schema, root, depth = 0) {
  if (!schema || typeof schema !== "object" || depth > 12) return [];
  const found = [];
  if (schema.$ref) found.push(...spread(schema.$ref.replace(/^#\//, "").split("/").reduce((at, part) => at?.[part], root), root, depth + 1));
  for (const kind of ["anyOf", "oneOf", "allOf"]) for (const one of schema[kind] ?? []) found.push(...spread(one, root, depth + 1));
  found.push(schema);
  return found;
}

function below(found, part, root) {
  const next = [];
  for (const one of found) {
    if (part === "*") next.push(...spread(one.items, root));
    else if (one.properties?.[part]) next.push(...spread(one.properties[part], root));
    else if (typeof one.additionalProperties === "object") next.push(...spread(one.additionalProperties, root));
    else for (const [name, inner] of Object.entries(one.patternProperties ?? {})) if (new RegExp(name).test(part)) next.push(...spread(inner, root));
  }
  return next;
}

/** What may stand at a path. */
export function schemaAt(root, path) {
  let found = spread(root, root);
  for (const part of path) {
    const next = below(found, part, root);
    found = next.length || part !== "*" ? next : found;
  }
  return found;
}

/** Keys of a mapping with their descriptions. */
export function keysOf(found, root) {
  const keys = new Map();
  for (const one of found) for (const [name, inner] of Object.entries(one.properties ?? {})) {
    if (!keys.has(name)) keys.set(name, inner.description ?? spread(inner, root).find((part) => part.description)?.description ?? "");
  }
  return keys;
}

/** Words that a value may be. */
export function wordsOf(found) {
  const words = new Set();
  for (const one of found) {
    for (const word of one.enum ?? []) words.add(String(word));
    if (one.const !== undefined) words.add(String(one.const));
    if (one.type === "boolean" || (Array.isArray(one.type) && one.type.length === 1 && one.type[0] === "boolean")) { words.add("true"); words.add("false"); }
  }
  return [...words];
}

/** The description of what stands at a path, if the schema has one. */
export function meaningOf(root, path) {
  const above = schemaAt(root, path.slice(0, -1)), last = path.at(-1);
  const written = keysOf(above, root).get(last);
  return written || schemaAt(root, path).find((one) => one.description)?.description || "";
}
