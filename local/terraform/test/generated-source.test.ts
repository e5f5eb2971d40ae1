import { describe, expect, it } from '@jest/globals';
import { deriveBlock } from '../schema/derive-block.ts';
import { parseGeneratedSource, readEmbeddedSource } from '../schema/generated-source.ts';

/** The shape the generator writes, cut down to one block, one set, one structure and one secret. */
const source = `
export interface ThingConfig extends cdktn.TerraformMetaArguments {
  /**
  * Docs at Terraform Registry: {@link https://registry.terraform.io/providers/hashicorp/aws/6.66.0/docs/resources/thing#zones Thing#zones}
  */
  readonly zones?: string[];
  /**
  * part block
  *
  * Docs at Terraform Registry: {@link https://registry.terraform.io/providers/hashicorp/aws/6.66.0/docs/resources/thing#part Thing#part}
  */
  readonly part: ThingPart;
}
export function thingPartToHclTerraform(struct?: ThingPart): any {
  const attrs = {
    size: {
      value: cdktn.numberToHclTerraform(struct!.size),
      isBlock: false,
      type: "simple",
      storageClassType: "number",
    },
  };
}
export interface ThingPart {
}
export class ThingPartOutputReference extends cdktn.ComplexObject {
  // size - computed: false, optional: false, required: true
  private _size?: number;
  public get size() {
    return this.getNumberAttribute('size');
  }
}
export class ThingEndpointOutputReference extends cdktn.ComplexObject {
  // host - computed: true, optional: false, required: false
  public get host() {
    return this.getStringAttribute('host');
  }
}
export class ThingEndpointList extends cdktn.ComplexList {
}
export class Thing extends cdktn.TerraformResource {
  public static readonly tfResourceType = "aws_thing";
  // endpoint - computed: true, optional: false, required: false
  private _endpoint = new ThingEndpointList(this, "endpoint", true);
  // password_wo - computed: false, optional: true, required: false
  public get passwordWo() {
    return this.getStringAttribute('password_wo');
  }
  // zones - computed: false, optional: true, required: false
  public get zones() {
    return cdktn.Fn.tolist(this.getListAttribute('zones'));
  }
  // part - computed: false, optional: false, required: true
  private _part = new ThingPartOutputReference(this, "part");

  // =========
  // SYNTHESIS
  protected synthesizeHclAttributes(): { [name: string]: any } {
    const attrs = {
      password_wo: {
        value: cdktn.markWriteOnlyAttribute(cdktn.stringToHclTerraform(this._passwordWo)),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      part: {
        value: thingPartToHclTerraform(this._part.internalValue),
        isBlock: true,
        type: "list",
        storageClassType: "ThingPartList",
      },
    };
  }
}
`;

describe('a generated class', () => {
  it('gives flags, types, sets, blocks and what is never kept', () => {
    expect(deriveBlock(parseGeneratedSource(source))).toEqual({
      attributes: {
        endpoint: { type: ['set', ['object', { host: 'string' }]], computed: true },
        password_wo: { type: 'string', optional: true, write_only: true },
        zones: { type: ['set', 'string'], optional: true },
      },
      block_types: {
        part: {
          nesting_mode: 'list',
          min_items: 1,
          max_items: 1,
          block: { attributes: { size: { type: 'number', required: true } }, block_types: {} },
        },
      },
    });
  });

  it('is found in the source map of the compiled file', () => {
    const map = Buffer.from(JSON.stringify({ sourcesContent: [source] })).toString('base64');
    const compiled = `"use strict";\n//# sourceMappingURL=data:application/json;base64,${map}`;
    expect(readEmbeddedSource(compiled)).toBe(source);
  });

  it('is refused when it is of another shape', () => {
    expect(() => parseGeneratedSource('export class Thing {}')).toThrow('declares no Terraform type');
  });
});
