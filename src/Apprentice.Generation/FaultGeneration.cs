using System.Runtime.CompilerServices;
using Apprentice.Code;
using Apprentice.Data;
using Apprentice.Llm;

namespace Apprentice.Generation;

/// <summary>A judged fault candidate.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Verdicts">What each check said, in order; the first that drops ends the list.</param>
/// <param name="Example">The labelled example, or null when it was dropped.</param>
public sealed record CheckedFault(Candidate Candidate, IReadOnlyList<Verdict> Verdicts, FaultExample? Example)
{
    /// <summary>The verdict that dropped it, or null.</summary>
    public Verdict? DroppedBy => Verdicts.FirstOrDefault(v => !v.Kept);
}

/// <summary>From answers to labelled faults: parse, compile, label by diff, run the seed's tests, drop duplicates and what derives from test functions.</summary>
/// <remarks>One object for one run: it remembers what it has seen, to find duplicates.</remarks>
public sealed class FaultGeneration
{
    private readonly CandidateCheckOptions _options;
    private readonly CandidateChecks _checks;
    private readonly Ledger? _ledger;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">Settings of the checks, or null for the defaults.</param>
    /// <param name="runner">Runs the tests, or null: then candidates are 'not validated'.</param>
    /// <param name="testFunctions">Functions of every evaluation set, or null: then verdicts say that this was not checked.</param>
    /// <param name="ledger">Where candidates and verdicts are recorded, or null.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public FaultGeneration(CandidateCheckOptions? options = null, TestRunner? runner = null, Decontamination? testFunctions = null, Ledger? ledger = null)
    {
        _options = options ?? new CandidateCheckOptions();
        string problems = string.Join(' ', _options.Problems());
        if (problems.Length > 0)
        {
            throw new ArgumentException(problems, nameof(options));
        }

        _checks = new CandidateChecks(_options, runner, testFunctions);
        _ledger = ledger;
    }

    /// <summary>Judges answers, in order, several at a time.</summary>
    /// <param name="plan">What was asked.</param>
    /// <param name="answers">What came back, in the same order: <see cref="Asker.AskAsync"/> gives it so.</param>
    /// <param name="cancellationToken">Stops the checks.</param>
    /// <exception cref="ArgumentException">An answer does not belong to the request at its place.</exception>
    /// <exception cref="TestRunnerException">No test worker can be started.</exception>
    public async IAsyncEnumerable<CheckedFault> CheckAsync(
        IReadOnlyList<GenerationRequest> plan, IAsyncEnumerable<AskedAnswer> answers, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(answers);
        await foreach (CheckedCandidate candidate in _checks.RunAsync(plan, answers, "fault", Clean, Judge, cancellationToken).ConfigureAwait(false))
        {
            CheckedFault result = new(candidate.Candidate, candidate.Verdicts, candidate.Kept ? Example(candidate) : null);
            _ledger?.Record(result.Candidate);
            _ledger?.Record(result.Verdicts);
            yield return result;
        }
    }

    private string? Clean(CheckedCandidate candidate, Language language)
    {
        string correct = Correct(candidate.Source.Seed, language);
        string code = CandidateChecks.WithoutNewComments(language, candidate.Code!, correct);
        FaultLabels labels = LineDiff.Label(language, code, correct);

        // The labels take indentation for a difference where nothing else differs; outside Python it is layout.
        bool layout = language != Language.Python && NormalForm.Tokens(language, code).SequenceEqual(NormalForm.Tokens(language, correct));
        if (labels.Lines.Count == 0 || layout)
        {
            candidate.Add("unchanged", FunnelStage.Validated, false, "the function is unchanged but for layout and comments");
            return null;
        }

        candidate.Add("unchanged", FunnelStage.Validated, true);
        int lines = code.Split('\n').Count(l => !string.IsNullOrWhiteSpace(l));
        int changed = Math.Max(labels.Lines.Count, (labels.ChangedLines + 1) / 2);
        string? rewrite = changed > _options.MostFaultyLines ? $"{changed} lines changed; at most {_options.MostFaultyLines} are a fault"
            : changed > _options.LargestFaultyShare * lines ? FormattableString.Invariant($"{changed} of {lines} lines changed; at most {_options.LargestFaultyShare:0%} are a fault")
            : null;
        candidate.Add("rewrite", FunnelStage.Validated, rewrite is null, rewrite);
        return rewrite is null ? code : null;
    }

    private void Judge(CheckedCandidate candidate)
    {
        TestRun run = candidate.Run!;
        (string check, bool kept, string? reason) = run.Outcome switch
        {
            TestOutcome.Failed => ("tests", true, run.Message),
            TestOutcome.Passed => ("tests", false, "no fault: all tests pass"),
            TestOutcome.TimedOut => ("time-out", _options.KeepTimeouts, run.Message),
            _ => ("crash", false, $"{run.Outcome}: {run.Message}"),
        };
        candidate.Add(check, FunnelStage.Validated, kept, reason);
    }

    private static FaultExample Example(CheckedCandidate candidate)
    {
        SeedFunction seed = candidate.Source.Seed;
        Language language = Languages.Parse(seed.Language);
        string correct = Correct(seed, language);
        FaultLabels labels = LineDiff.Label(language, candidate.Code!, correct);
        return new FaultExample
        {
            Id = candidate.Candidate.Id,
            Language = seed.Language,
            Code = candidate.Code!,
            FaultyLines = labels.Lines,
            FixedCode = correct,
            Source = candidate.Source.Strategy,
            ProjectOrProblem = seed.Id,
            Origin = "llm",
            Llm = candidate.Candidate.Model,
            Insertion = labels.Insertion,
            Provenance = candidate.Provenance,
        };
    }

    private static string Correct(SeedFunction seed, Language language) =>
        Comments.StripTellTale(language, seed.Code.ReplaceLineEndings("\n").Trim('\n'));
}
