using System.Diagnostics;

namespace Apprentice.Compute.Tests;

/// <summary>The kernel tests once more in processes whose runtime was told that the processor lacks its widest registers.</summary>
public sealed class ProcessorTests
{
    private const string ExpectedLevel = "APPRENTICE_EXPECTED_SIMD_LEVEL";

    [Theory]
    [InlineData("EnableAVX512", SimdLevel.Vector256)]
    [InlineData("EnableAVX2", SimdLevel.Vector128)]
    [InlineData("EnableHWIntrinsic", SimdLevel.Scalar)]
    public async Task Kernels_WiderRegistersOff_MatchReference(string knob, SimdLevel level)
    {
        if (level >= Simd.Best)
        {
            Assert.Skip($"This processor offers {Simd.Best} at most; switching {knob} off changes nothing.");
        }

        string program = Path.Combine(AppContext.BaseDirectory, "Apprentice.Compute.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        ProcessStartInfo start = new(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        Type[] classes = [typeof(Child), typeof(GemmTests), typeof(AttentionTests), typeof(ActivationTests), typeof(RowKernelTests), typeof(ArrayKernelTests)];
        foreach (Type tests in classes)
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add(tests.FullName!);
        }

        start.Environment["DOTNET_" + knob] = "0";
        start.Environment[ExpectedLevel] = level.ToString();
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, $"exit code {child.ExitCode}\n{output}\n{await errors}");
    }

    /// <summary>Runs in the child processes: did the runtime's switch work?</summary>
    public sealed class Child
    {
        [Fact]
        public void Best_InChildProcess_IsWhatTheSwitchLeaves()
        {
            string? expected = Environment.GetEnvironmentVariable(ExpectedLevel);
            Assert.SkipWhen(expected is null, "This check belongs to the child processes of ProcessorTests.");
            Assert.Equal(expected, Simd.Best.ToString());
        }
    }
}
