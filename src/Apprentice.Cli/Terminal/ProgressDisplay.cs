using Apprentice.Workspace;
using Spectre.Console;

namespace Apprentice.Cli.Terminal;

/// <summary>Shows the events of a job on standard error: bars in a terminal, plain lines elsewhere.</summary>
internal static class ProgressDisplay
{
    /// <summary>Least time between two plain lines of progress.</summary>
    public static TimeSpan PlainInterval { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Runs a job and shows its events.</summary>
    /// <typeparam name="T">Result.</typeparam>
    /// <param name="job">The job.</param>
    public static async Task<T> RunAsync<T>(Func<IProgress<JobEvent>, Task<T>> job)
    {
        if (Console.IsErrorRedirected)
        {
            return await job(new PlainProgress(Console.Error, TimeProvider.System));
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi
            ? await console.Progress().AutoClear(true).HideCompleted(true)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
                .StartAsync(context => Task.Run(() => job(new BarProgress(console, context))))
            : await job(new PlainProgress(Console.Error, TimeProvider.System));
    }

    private sealed class BarProgress(IAnsiConsole console, ProgressContext context) : IProgress<JobEvent>
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, ProgressTask> _tasks = [];

        public void Report(JobEvent value)
        {
            lock (_lock)
            {
                switch (value)
                {
                    case JobStarted started:
                        console.WriteLine(Printable.Line(started.Title));
                        break;
                    case JobNote note:
                        console.WriteLine(Printable.Lines(note.Text));
                        break;
                    case JobProgress progress:
                        Show(progress);
                        break;
                }
            }
        }

        private void Show(JobProgress progress)
        {
            if (!_tasks.TryGetValue(progress.Title, out ProgressTask? task))
            {
                // A part that begins ends the one before, unless that one said so itself.
                foreach (ProgressTask other in _tasks.Values.Where(other => !other.IsFinished))
                {
                    other.StopTask();
                }

                _tasks.Add(progress.Title, task = context.AddTask(Markup.Escape(progress.Title)));
            }

            task.IsIndeterminate = progress.Total <= 0;
            task.MaxValue = progress.Total <= 0 ? 1 : progress.Total;
            task.Value = progress.Total <= 0 ? 0 : progress.Done;
            task.Description = Markup.Escape(Printable.Line($"{progress.Title}  {PlainProgress.Count(progress)}  {progress.Detail}", 100));
        }
    }
}

/// <summary>Events as plain lines, not more than one each two seconds for one part.</summary>
internal sealed class PlainProgress(TextWriter writer, TimeProvider time) : IProgress<JobEvent>
{
    private readonly Lock _lock = new();
    private long _last;
    private string _title = "";

    /// <inheritdoc/>
    public void Report(JobEvent value)
    {
        lock (_lock)
        {
            switch (value)
            {
                case JobStarted started:
                    writer.WriteLine(Printable.Line(started.Title));
                    break;
                case JobNote note:
                    writer.WriteLine(Printable.Lines(note.Text));
                    break;
                // The first event of a part is not shown: short parts would fill the log.
                case JobProgress progress when progress.Title != _title:
                    _title = progress.Title;
                    _last = time.GetTimestamp();
                    break;
                case JobProgress progress when time.GetElapsedTime(_last) >= ProgressDisplay.PlainInterval:
                    _last = time.GetTimestamp();
                    writer.WriteLine(Printable.Line($"{progress.Title}: {Count(progress)} {progress.Detail}".TrimEnd()));
                    break;
            }
        }
    }

    /// <summary>How far a part is: <c>40 of 1,200</c>.</summary>
    /// <param name="progress">The event.</param>
    public static string Count(JobProgress progress) => progress.Total > 0 ? $"{progress.Done:n0} of {progress.Total:n0}" : $"{progress.Done:n0}";
}
