using System.Runtime.CompilerServices;

namespace Apprentice.Generation;

/// <summary>A seed and what its own tests say.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Run">What its tests said.</param>
public sealed record ValidatedSeed(SeedFunction Seed, TestRun Run)
{
    /// <summary>True when the seed compiles and passes its own tests.</summary>
    public bool Ok => Run.Outcome == TestOutcome.Passed;
}

/// <summary>Checks that seeds are what they should be: they compile, and pass their own tests.</summary>
public static class SeedValidation
{
    /// <summary>Runs the tests of each seed against its own code.</summary>
    /// <param name="seeds">C# seeds with tests.</param>
    /// <param name="runner">Runs the tests.</param>
    /// <param name="cancellationToken">Ends the runs.</param>
    /// <returns>One result for each seed, in order.</returns>
    /// <exception cref="TestRunnerException">No test worker can be started.</exception>
    public static async IAsyncEnumerable<ValidatedSeed> ValidateAsync(
        IReadOnlyList<SeedFunction> seeds, TestRunner runner, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(runner);
        int at = 0;
        await foreach (TestRun run in runner.RunAllAsync(seeds.Select(s => new TestJob(s.Code, s.Tests)), cancellationToken).ConfigureAwait(false))
        {
            yield return new ValidatedSeed(seeds[at++], run);
        }
    }
}
