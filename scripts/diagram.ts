/** A diagram of boxes in lanes, one lane below the other, with arrows between boxes. */
export interface Diagram {
  readonly title: string;
  readonly lanes: readonly { readonly title: string; readonly boxes: readonly string[] }[];
  /** From and to, by the text of the boxes, and what is said on the way. */
  readonly arrows: readonly (readonly [from: string, to: string, text?: string])[];
}

const BOX = { width: 150, height: 50, gap: 30 };
const LANE = { left: 40, head: 30, gap: 40 };
const LANE_STYLE =
  'swimlane;horizontal=1;startSize=30;collapsible=0;fillColor=#f5f5f5;strokeColor=#999999;html=1;';
const BOX_STYLE = 'rounded=1;whiteSpace=wrap;html=1;fillColor=#dae8fc;strokeColor=#6c8ebf;';
const ARROW_STYLE = 'edgeStyle=orthogonalEdgeStyle;rounded=1;endArrow=block;html=1;';

/** The diagram as a file of Draw.io. Throws for two boxes of one text and for an arrow from or to nowhere. */
export function renderDrawio(diagram: Diagram): string {
  const { title, lanes, arrows } = diagram;
  const texts = lanes.flatMap(({ boxes }) => boxes);
  const ids = new Map(texts.map((text, index) => [text, `box-${index + 1}`]));
  if (ids.size !== texts.length) throw new Error(`${title} has two boxes of one text.`);
  const idOf = (text: string): string => {
    const id = ids.get(text);
    if (id === undefined) throw new Error(`${title} has an arrow from or to "${text}", which is no box.`);
    return id;
  };

  const height = LANE.head + BOX.height + 2 * BOX.gap;
  const width = Math.max(...lanes.map(({ boxes }) => boxes.length * (BOX.width + BOX.gap) + BOX.gap));
  const cells = lanes.flatMap((lane, row) => [
    vertex(`lane-${row + 1}`, lane.title, LANE_STYLE, '1', {
      x: LANE.left,
      y: LANE.gap + row * (height + LANE.gap),
      width,
      height,
    }),
    ...lane.boxes.map((text, column) =>
      vertex(idOf(text), text, BOX_STYLE, `lane-${row + 1}`, {
        x: BOX.gap + column * (BOX.width + BOX.gap),
        y: LANE.head + BOX.gap,
        width: BOX.width,
        height: BOX.height,
      }),
    ),
  ]);
  const edges = arrows.map(
    ([from, to, text = ''], index) =>
      `<mxCell id="arrow-${index + 1}" value="${attribute(text)}" style="${ARROW_STYLE}" edge="1" parent="1" ` +
      `source="${idOf(from)}" target="${idOf(to)}"><mxGeometry relative="1" as="geometry"/></mxCell>`,
  );
  const content = ['<mxCell id="0"/>', '<mxCell id="1" parent="0"/>', ...cells, ...edges];
  return [
    '<mxfile host="app.diagrams.net">',
    `  <diagram id="${attribute(title)}" name="${attribute(title)}">`,
    '    <mxGraphModel grid="1" gridSize="10" guides="1" connect="1" arrows="1" page="0">',
    '      <root>',
    ...content.map((cell) => `        ${cell}`),
    '      </root>',
    '    </mxGraphModel>',
    '  </diagram>',
    '</mxfile>',
    '',
  ].join('\n');
}

function vertex(
  id: string,
  text: string,
  style: string,
  parent: string,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): string {
  return (
    `<mxCell id="${id}" value="${attribute(text)}" style="${style}" vertex="1" parent="${parent}">` +
    `<mxGeometry x="${x}" y="${y}" width="${width}" height="${height}" as="geometry"/></mxCell>`
  );
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const attribute = (text: string): string => text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);
