using Apprentice.Cli;

return await CommandLine.RunAsync(args);
