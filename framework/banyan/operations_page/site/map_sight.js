// The part of the map that is seen, and how it is moved: zoom, pointer, and arrow keys from one box or label to the
// next. The map is one stop in the order of tabs.
import { attribute } from './dom.js';

const far = 2400; // wider, the rates could not be read
const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// `entries`: [{element, at}], whose elements lead back to them; `whole`: the box that has all of it.
export function makeSight({ canvas, image, whole, box, entries }) {
  let view = whole;

  function look(at) {
    view = at;
    image.setAttribute('viewBox', `${at.x} ${at.y} ${at.width} ${at.height}`);
    image.classList.toggle('far', at.width > far);
  }

  function zoomBy(factor, [px, py] = [0.5, 0.5]) {
    const width = Math.min(Math.max(view.width * factor, 200), whole.width * 2);
    const f = width / view.width;
    look({
      x: view.x + view.width * px * (1 - f),
      y: view.y + view.height * py * (1 - f),
      width,
      height: view.height * f,
    });
  }

  const fit = () => look({ ...whole });

  // Where the map is wider than its place, it is scrolled.
  function inSight({ element }) {
    const [seen, there] = [canvas.getBoundingClientRect(), element.getBoundingClientRect()];
    if (there.left < seen.left || there.right > seen.right)
      canvas.scrollLeft += there.left + there.width / 2 - seen.left - seen.width / 2;
  }

  function focusOn(entry) {
    for (const other of image.querySelectorAll('a[tabindex="0"]')) attribute(other, 'tabindex', -1);
    attribute(entry.element, 'tabindex', 0);
    entry.element.focus({ preventScroll: true });
    const { x, y } = entry.at;
    const [right, bottom] = [view.x + view.width - box.width, view.y + view.height - box.height];
    if (x - box.width < view.x || x > right || y - box.height < view.y || y > bottom)
      look({ ...view, x: x - view.width / 2, y: y - view.height / 2 });
    inSight(entry);
  }

  // So near that names can be read.
  function approach(entry) {
    if (view.width > far) look({ x: entry.at.x - 500, y: entry.at.y - 300, width: 1000, height: 600 });
    focusOn(entry);
  }

  function onKey(event) {
    const here = event.target.closest('a')?.entry;
    const direction = directions[event.key];
    if (event.key === '+' || event.key === '=') zoomBy(0.8);
    else if (event.key === '-') zoomBy(1.25);
    else if (event.key === '0') fit();
    else if (direction && here) {
      event.preventDefault();
      const next = nearest(entries, here, direction);
      if (next) focusOn(next);
    }
  }

  image.addEventListener('keydown', onKey);
  installPointer(image, { zoomBy, look, view: () => view });
  if (entries.length > 0) attribute(entries[0].element, 'tabindex', 0);
  fit();
  return { fit, zoomBy, focusOn, inSight, approach };
}

// The nearest box or label in a direction; what lies aside counts double.
function nearest(entries, here, [dx, dy]) {
  let best = null;
  let least = Infinity;
  for (const entry of entries) {
    const [x, y] = [entry.at.x - here.at.x, entry.at.y - here.at.y];
    const along = x * dx + y * dy;
    if (entry === here || along <= 1) continue;
    const distance = along + 2 * Math.abs(x * dy + y * dx);
    if (distance < least) [best, least] = [entry, distance];
  }
  return best;
}

// The wheel with Ctrl zooms, since without it the page scrolls; dragging moves.
function installPointer(image, { zoomBy, look, view }) {
  let held = null;
  const onWheel = (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const r = image.getBoundingClientRect();
    zoomBy(event.deltaY > 0 ? 1.12 : 0.9, [(event.clientX - r.left) / r.width, (event.clientY - r.top) / r.height]);
  };
  const onDown = (event) => {
    if (event.button !== 0 || event.pointerType === 'touch') return;
    held = { x: event.clientX, y: event.clientY, view: view(), moved: false };
  };
  const onMove = (event) => {
    if (!held) return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moved && Math.hypot(dx, dy) < 4) return;
    if (!held.moved) image.setPointerCapture(event.pointerId);
    held.moved = true;
    const scale = held.view.width / image.getBoundingClientRect().width;
    look({ ...held.view, x: held.view.x - dx * scale, y: held.view.y - dy * scale });
  };
  // After the click that ends a drag, which opens nothing.
  const onUp = () => setTimeout(() => (held = null));
  const onClick = (event) => held?.moved && event.preventDefault();
  image.addEventListener('wheel', onWheel, { passive: false });
  image.addEventListener('pointerdown', onDown);
  image.addEventListener('pointermove', onMove);
  image.addEventListener('pointerup', onUp);
  image.addEventListener('pointercancel', onUp);
  image.addEventListener('click', onClick, true);
  image.addEventListener('dragstart', (event) => event.preventDefault());
}
