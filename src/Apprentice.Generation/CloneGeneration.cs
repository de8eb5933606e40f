using System.Runtime.CompilerServices;
using Apprentice.Code;
using Apprentice.Data;
using Apprentice.Llm;

namespace Apprentice.Generation;

/// <summary>An implementation that a language model wrote for a specification.</summary>
/// <param name="Id">Id of the candidate.</param>
/// <param name="Seed">The specification with its own implementation.</param>
/// <param name="Code">The implementation.</param>
/// <param name="Passes">True when it passes all tests; false for a near miss that fails one.</param>
/// <param name="Provenance">How it came about.</param>
public sealed record GeneratedImplementation(string Id, SeedFunction Seed, string Code, bool Passes, Provenance Provenance);

/// <summary>A judged clone candidate.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Verdicts">What each check said, in order; the first that drops ends the list.</param>
/// <param name="Implementation">The implementation when it was kept, or when all that is wrong with it is a failing test; else null.</param>
public sealed record CheckedClone(Candidate Candidate, IReadOnlyList<Verdict> Verdicts, GeneratedImplementation? Implementation)
{
    /// <summary>The verdict that dropped it, or null.</summary>
    public Verdict? DroppedBy => Verdicts.FirstOrDefault(v => !v.Kept);
}

/// <summary>From answers to implementations: parse, compile, refuse copies of the seed, run the seed's tests, drop duplicates and what derives from test functions.</summary>
/// <remarks>One object for one run: it remembers what it has seen, to find duplicates. <see cref="ClonePairs"/> makes pairs of the result.</remarks>
public sealed class CloneGeneration
{
    private readonly CandidateChecks _checks;
    private readonly Ledger? _ledger;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">Settings of the checks, or null for the defaults.</param>
    /// <param name="runner">Runs the tests, or null: then candidates are 'not validated'.</param>
    /// <param name="testFunctions">Functions of every evaluation set, or null: then verdicts say that this was not checked.</param>
    /// <param name="ledger">Where candidates and verdicts are recorded, or null.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public CloneGeneration(CandidateCheckOptions? options = null, TestRunner? runner = null, Decontamination? testFunctions = null, Ledger? ledger = null)
    {
        options ??= new CandidateCheckOptions();
        string problems = string.Join(' ', options.Problems());
        if (problems.Length > 0)
        {
            throw new ArgumentException(problems, nameof(options));
        }

        _checks = new CandidateChecks(options, runner, testFunctions);
        _ledger = ledger;
    }

    /// <summary>Judges answers, in order, several at a time.</summary>
    /// <param name="plan">What was asked.</param>
    /// <param name="answers">What came back, in the same order: <see cref="Asker.AskAsync"/> gives it so.</param>
    /// <param name="cancellationToken">Stops the checks.</param>
    /// <exception cref="ArgumentException">An answer does not belong to the request at its place.</exception>
    /// <exception cref="TestRunnerException">No test worker can be started.</exception>
    public async IAsyncEnumerable<CheckedClone> CheckAsync(
        IReadOnlyList<GenerationRequest> plan, IAsyncEnumerable<AskedAnswer> answers, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(answers);
        await foreach (CheckedCandidate candidate in _checks.RunAsync(plan, answers, "clone", Clean, Judge, cancellationToken).ConfigureAwait(false))
        {
            bool nearMiss = candidate.Run is { Outcome: TestOutcome.Failed };
            GeneratedImplementation? implementation = candidate.Kept || nearMiss
                ? new GeneratedImplementation(candidate.Candidate.Id, candidate.Source.Seed, candidate.Code!, !nearMiss, candidate.Provenance)
                : null;
            CheckedClone result = new(candidate.Candidate, candidate.Verdicts, implementation);
            _ledger?.Record(result.Candidate);
            _ledger?.Record(result.Verdicts);
            yield return result;
        }
    }

    private static string? Clean(CheckedCandidate candidate, Language language)
    {
        string code = CandidateChecks.WithoutNewComments(language, candidate.Code!, "");
        string type = CloneType.Of(language, candidate.Source.Seed.Code, code);
        bool copy = type is "T1" or "T2";
        candidate.Add("copy", FunnelStage.Validated, !copy, copy ? $"a {(type == "T1" ? "copy" : "renamed copy")} of the seed's implementation" : null);
        return copy ? null : code;
    }

    private static void Judge(CheckedCandidate candidate)
    {
        TestRun run = candidate.Run!;
        (string check, bool kept) = run.Outcome switch
        {
            TestOutcome.Passed => ("tests", true),
            TestOutcome.TimedOut => ("time-out", false),
            TestOutcome.Failed => ("tests", false),
            _ => ("crash", false),
        };
        candidate.Add(check, FunnelStage.Validated, kept, kept ? null : run.Message ?? run.Outcome.ToString());
    }
}
