// deno task kernel: makes Braid's kernel known to Jupyter and VS Code.

import { Command } from "commander";
import { installKernel, uninstallKernel } from "../jupyter/kernel_spec.ts";

if (import.meta.main) {
  const program = new Command("deno task kernel").description("Braid's kernel in Jupyter's and VS Code's lists.");
  const name = ["--name <name>", "name of the kernel", "braid"] as const;
  program.command("install")
    .description(
      "Make the kernel known to all Jupyter front ends of this user. It keeps the paths of this folder and of this Deno: " +
        "install it again when they have moved.",
    )
    .option(...name)
    .action(async ({ name }: { name: string }) => console.log(`wrote ${await installKernel(name)}`));
  program.command("uninstall")
    .description("Remove it again.")
    .option(...name)
    .action(async ({ name }: { name: string }) => console.log(`removed ${await uninstallKernel(name)}`));
  try {
    await program.parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    console.error(`error: ${(error as Error).message}`);
    Deno.exitCode = 1;
  }
}
