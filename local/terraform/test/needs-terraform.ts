import { test as always } from '@jest/globals';
import { MachineError } from '../../machine/machine-error.ts';
import { ensureTerraform } from '../terraform-program.ts';

async function canHaveTerraform(): Promise<boolean> {
  try {
    await ensureTerraform();
    return true;
  } catch (error) {
    if (error instanceof MachineError) return false;
    throw error;
  }
}

/** `test` of suites that run Terraform: left out, and counted so, where there is none and none can be installed. */
export const test = (await canHaveTerraform()) ? always : always.skip;
export const it = test;
