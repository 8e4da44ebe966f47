// The layout of a directed graph in columns, left to right (after Sugiyama, Tagawa and Toda, 1981): edges that close a
// cycle are turned, each node is put behind the longest path to it, columns are ordered by the mean place of their
// neighbours, and lines that pass columns get a place in each. Pure; the same graph is always laid out the same way.
//
//   layout([{id}], [{from, to, weight}], {width, height, gapX, gapY})
//     -> {nodes: Map id -> {x, y}, edges: [[{x, y}, ...]], width, height}, x and y being middles

const sweeps = 8;

export function layout(nodes, edges, size) {
  const ids = nodes.map((n) => n.id);
  const known = new Set(ids);
  const usable = edges.map((e) => (known.has(e.from) && known.has(e.to) && e.from !== e.to ? e : null));
  const turned = edgesToTurn(ids, usable);
  const forward = usable.map((e, i) => e && (turned.has(i) ? { from: e.to, to: e.from } : e));
  const linked = new Set(forward.filter(Boolean).flatMap((e) => [e.from, e.to]));
  const layerOf = longestPaths(
    ids.filter((id) => linked.has(id)),
    forward.filter(Boolean),
  );
  const layers = [];
  for (const [id, layer] of layerOf) (layers[layer] ??= []).push(id);

  const { chains, neighbours } = withDummies(forward, layerOf, layers);
  order(layers, neighbours);
  const columns = layers.flatMap((layer) => split(layer, known, nodes.length));
  return place(
    columns,
    ids.filter((id) => !linked.has(id)),
    chains,
    turned,
    known,
    size,
  );
}

// Depth first, in the given order: edges back to a node that is being visited close a cycle. Heavier edges are seen
// first, so that a light one is turned rather.
function edgesToTurn(ids, edges) {
  const out = new Map(ids.map((id) => [id, []]));
  edges.forEach((e, i) => e && out.get(e.from).push({ to: e.to, i, weight: e.weight ?? 1 }));
  for (const list of out.values()) list.sort((a, b) => b.weight - a.weight || a.i - b.i);
  const incoming = new Map(ids.map((id) => [id, 0]));
  for (const e of edges) if (e) incoming.set(e.to, incoming.get(e.to) + 1);
  const roots = [...ids].sort((a, b) => incoming.get(a) - incoming.get(b));
  const state = new Map();
  const turned = new Set();
  for (const root of roots) {
    if (state.has(root)) continue;
    const stack = [[root, 0]];
    state.set(root, 'open');
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const next = out.get(top[0])[top[1]++];
      if (!next) {
        state.set(top[0], 'done');
        stack.pop();
      } else if (!state.has(next.to)) {
        state.set(next.to, 'open');
        stack.push([next.to, 0]);
      } else if (state.get(next.to) === 'open') turned.add(next.i);
    }
  }
  return turned;
}

function longestPaths(ids, edges) {
  const layerOf = new Map(ids.map((id) => [id, 0]));
  const waits = new Map(ids.map((id) => [id, 0]));
  const out = new Map(ids.map((id) => [id, []]));
  for (const e of edges) {
    out.get(e.from).push(e.to);
    waits.set(e.to, waits.get(e.to) + 1);
  }
  const ready = ids.filter((id) => waits.get(id) === 0);
  for (let at = 0; at < ready.length; ++at)
    for (const to of out.get(ready[at])) {
      layerOf.set(to, Math.max(layerOf.get(to), layerOf.get(ready[at]) + 1));
      waits.set(to, waits.get(to) - 1);
      if (waits.get(to) === 0) ready.push(to);
    }
  return layerOf;
}

// An edge over several columns is a chain of places in them, so that no node is put in its way; not where there would
// be more such places than nodes: such a graph is a picture of its whole, and its lines pass behind the boxes.
function withDummies(forward, layerOf, layers) {
  const neighbours = new Map();
  const join = (a, b) => {
    if (!neighbours.has(a)) neighbours.set(a, []);
    if (!neighbours.has(b)) neighbours.set(b, []);
    neighbours.get(a).push(b);
    neighbours.get(b).push(a);
  };
  const span = (e) => layerOf.get(e.to) - layerOf.get(e.from) - 1;
  const useDummies = forward.reduce((sum, e) => sum + (e ? span(e) : 0), 0) <= layerOf.size + 4;
  const chains = forward.map((e, i) => {
    if (!e) return null;
    const chain = [e.from];
    for (let layer = layerOf.get(e.from) + 1; useDummies && layer < layerOf.get(e.to); ++layer) {
      const dummy = `\u0000${i}/${layer}`;
      layers[layer].push(dummy);
      chain.push(dummy);
    }
    chain.push(e.to);
    for (let k = 1; k < chain.length; ++k) join(chain[k - 1], chain[k]);
    return chain;
  });
  return { chains, neighbours };
}

function order(layers, neighbours) {
  const place = new Map();
  const settle = (layer) => layer.forEach((id, i) => place.set(id, (i + 0.5) / layer.length));
  layers.forEach(settle);
  for (let sweep = 0; sweep < sweeps; ++sweep) {
    const forth = sweep % 2 === 0;
    const all = forth ? layers : [...layers].reverse();
    const depth = new Map();
    layers.forEach((layer, i) => layer.forEach((id) => depth.set(id, i)));
    for (const layer of all) {
      const mean = new Map(
        layer.map((id) => {
          const seen = (neighbours.get(id) ?? []).filter((n) =>
            forth ? depth.get(n) < depth.get(id) : depth.get(n) > depth.get(id),
          );
          return [id, seen.length === 0 ? place.get(id) : seen.reduce((sum, n) => sum + place.get(n), 0) / seen.length];
        }),
      );
      const before = new Map(layer.map((id, i) => [id, i]));
      layer.sort((a, b) => mean.get(a) - mean.get(b) || before.get(a) - before.get(b));
      settle(layer);
    }
  }
}

// A column that is too long becomes several.
function split(layer, known, total) {
  const most = Math.max(7, Math.ceil(Math.sqrt(total) * 1.1));
  const real = layer.filter((id) => known.has(id)).length;
  const columns = Math.max(1, Math.ceil(real / most));
  if (columns === 1) return [layer];
  const out = Array.from({ length: columns }, () => []);
  let seen = 0;
  for (const id of layer) {
    out[Math.min(columns - 1, Math.floor((seen * columns) / Math.max(1, real)))].push(id);
    if (known.has(id)) ++seen;
  }
  return out;
}

function place(columns, lonely, chains, turned, known, { width, height, gapX, gapY }) {
  const at = new Map();
  const heightOf = (id) => (known.has(id) ? height + gapY : gapY);
  const tall = columns.map((column) => column.reduce((sum, id) => sum + heightOf(id), -gapY));
  const most = Math.max(0, ...tall);
  columns.forEach((column, i) => {
    let y = (most - tall[i]) / 2;
    for (const id of column) {
      const own = heightOf(id) - gapY;
      at.set(id, { x: i * (width + gapX) + width / 2, y: y + own / 2 });
      y += own + gapY;
    }
  });
  // What is linked with nothing stands below, in rows.
  const across = Math.max(columns.length, Math.min(lonely.length, 4), Math.ceil(Math.sqrt(lonely.length * 1.4)));
  const below = columns.length === 0 ? 0 : most + gapY * 1.6;
  lonely.forEach((id, i) => {
    at.set(id, {
      x: (i % across) * (width + gapX) + width / 2,
      y: below + Math.floor(i / across) * (height + gapY) + height / 2,
    });
  });
  const all = [...known].map((id) => at.get(id));
  return {
    nodes: new Map([...known].map((id) => [id, at.get(id)])),
    edges: chains.map((chain, i) => chain && (turned.has(i) ? [...chain].reverse() : chain).map((id) => at.get(id))),
    width: Math.max(width, ...all.map((p) => p.x + width / 2)),
    height: Math.max(height, ...all.map((p) => p.y + height / 2)),
  };
}

// The path of a line from the side of a box to the side of another, through the places of its columns; and the middle
// of its last gap.
export function curve(points, boxWidth) {
  const side = boxWidth / 2;
  const first = points[0];
  const last = points[points.length - 1];
  const forth = last.x >= first.x;
  const start = { x: first.x + (forth ? side : -side), y: first.y };
  const end = { x: last.x + (forth ? -side : side), y: last.y };
  if (first.x === last.x) {
    // In one column: around the right side.
    const right = first.x + side;
    const bow = right + 46;
    return {
      d: `M${right},${first.y}C${bow},${first.y} ${bow},${last.y} ${right},${last.y}`,
      middle: { x: right + 34, y: (first.y + last.y) / 2 },
    };
  }
  // Straight across a column, curved between two.
  const to = forth ? 1 : -1;
  const stops = [
    start,
    ...points.slice(1, -1).flatMap((p) => [
      { x: p.x - to * side, y: p.y },
      { x: p.x + to * side, y: p.y },
    ]),
    end,
  ];
  let d = `M${start.x},${start.y}`;
  for (let i = 1; i < stops.length; ++i) {
    const [a, b] = [stops[i - 1], stops[i]];
    const half = (b.x - a.x) / 2;
    d += i % 2 === 0 ? `L${b.x},${b.y}` : `C${a.x + half},${a.y} ${b.x - half},${b.y} ${b.x},${b.y}`;
  }
  const before = stops[stops.length - 2];
  return { d, middle: { x: (before.x + end.x) / 2, y: (before.y + end.y) / 2 } };
}

// Moves labels in one gap apart, so that none covers another.
export function spread(labels, apart) {
  const gaps = new Map();
  for (const label of labels) {
    const gap = Math.round(label.x / 20);
    gaps.set(gap, [...(gaps.get(gap) ?? []), label]);
  }
  for (const gap of gaps.values()) {
    gap.sort((a, b) => a.y - b.y);
    for (let i = 1; i < gap.length; ++i) gap[i].y = Math.max(gap[i].y, gap[i - 1].y + apart);
  }
}
