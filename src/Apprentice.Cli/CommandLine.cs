using System.CommandLine;
using System.Runtime.InteropServices;
using Apprentice.Cli.Commands;
using Apprentice.Compute;

namespace Apprentice.Cli;

/// <summary>The commands and what is common to all of them: threads, cancelling, errors.</summary>
internal static class CommandLine
{
    /// <summary>Threads to compute with.</summary>
    public static Option<int?> Threads { get; } = new("--threads")
    {
        Description = "Threads to compute with; results do not depend on it. Default: one for each processor.", HelpName = "N", Recursive = true,
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: string text }] && int.TryParse(text, out int threads) && threads is < 1 or > 1024)
                {
                    result.AddError($"--threads is {threads}; 1 to 1024 is expected.");
                }
            },
        },
    };

    /// <summary>All commands.</summary>
    public static RootCommand Root() => new("Trains small models of code with examples that large language models write, measures what that gains, and uses them.")
    {
        DemoCommand.Create(),
        GenerateCommand.Create(),
        TrainCommand.Create(),
        EvaluateCommand.Create(),
        CompareCommand.Create(),
        LocalizeCommand.Create(),
        ClonesCommand.Create(),
        PretrainCommand.Create(),
        Threads,
    };

    /// <summary>Runs the program.</summary>
    /// <param name="args">Arguments.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        // An argument that begins with @ is an argument, not a file of arguments.
        ParseResult parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            // An unknown command is told once, not also as an absent one.
            bool unknown = parsed.UnmatchedTokens.Count > 0;
            foreach (string message in parsed.Errors.Select((error, index) => unknown && index == 0 && parsed.CommandResult.Command is RootCommand && parsed.Errors.Count > 1 ? "" : error.Message).Where(text => text.Length > 0).Distinct())
            {
                Console.Error.WriteLine(message);
            }

            string command = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            Console.Error.WriteLine($"See: apprentice {command}--help");
            return ExitCode.Usage;
        }

        using CancellationTokenSource cancellation = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellation.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Console.Error.WriteLine(GoesOn(parsed) ? "Stopped. What was done so far is kept; the same command goes on from there." : "Stopped. Nothing was written.");
            return ExitCode.Cancelled;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(Terminal.Printable.Lines(Failure.Message(exception)));
            if (Environment.GetEnvironmentVariable(Failure.TraceVariable) == "1")
            {
                Console.Error.WriteLine(exception);
            }

            return exception is UsageException ? ExitCode.Usage : ExitCode.Failed;
        }

        void Stop(PosixSignalContext context)
        {
            // The first signal ends the job in good order; a second one ends the process.
            if (!cancellation.IsCancellationRequested)
            {
                context.Cancel = true;
                Console.Error.WriteLine("Stopping after the step under way; once more to stop at once.");
                cancellation.Cancel();
            }
        }
    }

    /// <summary>Whether the command keeps what it did in a run folder.</summary>
    private static bool GoesOn(ParseResult parsed) => parsed.CommandResult.Command.Name switch
    {
        "demo" or "generate" or "train" or "pretrain" => true,
        "evaluate" => parsed.GetResult("RECIPE.yaml") is { Tokens.Count: > 0 },
        _ => false,
    };

    /// <summary>Runs a job with threads and with progress on standard error.</summary>
    /// <typeparam name="T">Result.</typeparam>
    /// <param name="parsed">The command line.</param>
    /// <param name="job">The job.</param>
    public static async Task<T> RunJobAsync<T>(ParseResult parsed, Func<Workers, IProgress<Workspace.JobEvent>, Task<T>> job)
    {
        using Workers workers = new(parsed.GetValue(Threads) ?? Environment.ProcessorCount);
        return await Terminal.ProgressDisplay.RunAsync(events => job(workers, events));
    }
}
