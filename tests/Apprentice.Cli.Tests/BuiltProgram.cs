using System.Diagnostics;
using System.Text;
using Apprentice.Scanning.Tests;
using Apprentice.Training;

namespace Apprentice.Cli.Tests;

/// <summary>The built program, run as its users do, with a model that knows nothing.</summary>
public sealed class BuiltProgram : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BuiltProgram()
    {
        Model = Path.Combine(_folder.Path, "model");
        using TaskModel model = TinyModel.Create();
        model.Save(Model);
    }

    /// <summary>What a run gave.</summary>
    public sealed record Result(int Code, string Output, string Error);

    /// <summary>Folder of a model with drawn weights.</summary>
    public string Model { get; }

    internal static async Task<Result> RunAsync(string[] arguments, byte[]? input = null)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "apprentice.dll"), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!; // Null only when a shell starts it.
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input ?? []);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program may end before it has read all.
        }

        await process.WaitForExitAsync();
        return new Result(process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
    }

    /// <summary>Runs the commands inside the test's process: for the many cases in which nothing but messages is asked for. Not at the same time as another.</summary>
    internal static async Task<Result> RunHereAsync(string[] arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter ownOutput = new();
        using StringWriter ownError = new();
        try
        {
            Console.SetOut(ownOutput);
            Console.SetError(ownError);
            int code = await CommandLine.RunAsync(arguments);
            return new Result(code, ownOutput.ToString().ReplaceLineEndings("\n"), ownError.ToString().ReplaceLineEndings("\n"));
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }

    public void Dispose() => _folder.Dispose();
}
