using System.Runtime.CompilerServices;
using Apprentice.Code;
using Apprentice.Data;
using Apprentice.Llm;

namespace Apprentice.Generation;

/// <summary>Settings of the checks on candidates.</summary>
public sealed record CandidateCheckOptions
{
    /// <summary>Name of the run; part of candidate ids, so that runs share a ledger. Default <c>run</c>.</summary>
    public string Run { get; init; } = "run";

    /// <summary>Let candidates pass whose tests were not run. Default false: what was not validated is not trained on.</summary>
    public bool KeepUnvalidated { get; init; }

    /// <summary>Take a time-out for a failed test of a fault. Default false: a time-out is a class of its own and rejected, as in the paper's reading.</summary>
    public bool KeepTimeouts { get; init; }

    /// <summary>Most faulty lines. Default 6, twice what the prompt asks for; more is a rewrite.</summary>
    public int MostFaultyLines { get; init; } = 6;

    /// <summary>Largest share of a function's lines that may be faulty. Default 0.5, as in the public data.</summary>
    public double LargestFaultyShare { get; init; } = 0.5;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (string.IsNullOrWhiteSpace(Run))
        {
            yield return $"{nameof(Run)} is empty; it names the run in the ledger.";
        }

        if (MostFaultyLines < 1)
        {
            yield return $"{nameof(MostFaultyLines)} is {MostFaultyLines}; expected at least 1.";
        }

        if (LargestFaultyShare is not (> 0 and <= 1))
        {
            yield return $"{nameof(LargestFaultyShare)} is {LargestFaultyShare}; expected more than 0, at most 1.";
        }
    }
}

/// <summary>A candidate, what the checks said, and its text after the checks that clean it.</summary>
/// <param name="Source">The request it answers.</param>
/// <param name="Candidate">As it goes into the ledger.</param>
/// <param name="Verdicts">In the order of the checks; the first that drops ends the list.</param>
/// <param name="Code">Cleaned text, or null when there is none.</param>
/// <param name="Run">What the tests said, or null when they were not run.</param>
internal sealed record CheckedCandidate(GenerationRequest Source, Candidate Candidate, List<Verdict> Verdicts, string? Code, TestRun? Run)
{
    public bool Kept => Verdicts.TrueForAll(v => v.Kept);

    public Provenance Provenance => new()
    {
        Model = Candidate.Model,
        Strategy = Source.Strategy,
        PromptHash = Source.PromptHash,
        RequestHash = Candidate.RequestHash,
        ParentId = Source.Seed.Id,
        Demonstrations = Source.Demonstrations,
    };

    public void Add(string check, FunnelStage stage, bool kept, string? reason = null) =>
        Verdicts.Add(new Verdict(Candidate.Id, check, stage, kept, reason) { Order = Verdicts.Count });
}

/// <summary>The checks that faults and clones share: answer, syntax, compiler and allow-list, tests, duplicates, test functions.</summary>
internal sealed class CandidateChecks(CandidateCheckOptions options, TestRunner? runner, Decontamination? testFunctions)
{
    private readonly DuplicateIndex _seen = new();

    /// <summary>Judges answers as far as each can be judged alone, several at a time, and hands them out in order.</summary>
    /// <param name="plan">What was asked.</param>
    /// <param name="answers">What came back, in the same order.</param>
    /// <param name="kind"><c>fault</c> or <c>clone</c>.</param>
    /// <param name="clean">Cleans a text and adds the verdicts that need no run; null when it was dropped.</param>
    /// <param name="judge">Adds the verdict on the tests.</param>
    /// <param name="cancellationToken">Stops the checks.</param>
    public async IAsyncEnumerable<CheckedCandidate> RunAsync(
        IReadOnlyList<GenerationRequest> plan,
        IAsyncEnumerable<AskedAnswer> answers,
        string kind,
        Func<CheckedCandidate, Language, string?> clean,
        Action<CheckedCandidate> judge,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Queue<Task<CheckedCandidate>> pending = new();
        int most = 4 * (runner?.Options.Workers ?? Environment.ProcessorCount);
        int at = 0;
        await foreach (AskedAnswer answer in answers.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (at >= plan.Count || plan[at].Request.CustomId != answer.Request.CustomId)
            {
                throw new ArgumentException(
                    $"Answer {at + 1} belongs to '{answer.Request.CustomId}', expected '{(at < plan.Count ? plan[at].Request.CustomId : "the end")}': answers must come in the order of the plan.",
                    nameof(answers));
            }

            GenerationRequest source = plan[at++];
            pending.Enqueue(Task.Run(() => JudgeAloneAsync(source, answer, kind, clean, judge, cancellationToken), cancellationToken));
            if (pending.Count >= most)
            {
                yield return JudgeAmongOthers(await pending.Dequeue().ConfigureAwait(false));
            }
        }

        while (pending.TryDequeue(out Task<CheckedCandidate>? next))
        {
            yield return JudgeAmongOthers(await next.ConfigureAwait(false));
        }
    }

    private async Task<CheckedCandidate> JudgeAloneAsync(
        GenerationRequest source,
        AskedAnswer answer,
        string kind,
        Func<CheckedCandidate, Language, string?> clean,
        Action<CheckedCandidate> judge,
        CancellationToken cancellationToken)
    {
        Language language = Languages.Parse(source.Seed.Language);
        Candidate candidate = new()
        {
            Id = $"{options.Run}/{source.Request.CustomId}",
            Run = options.Run,
            Kind = kind,
            ParentId = source.Seed.Id,
            RequestHash = source.Request.Hash,
            Model = answer.Answer?.Model ?? source.Request.Model,
            Language = source.Seed.Language,
        };
        CheckedCandidate dropped = new(source, candidate, [], null, null);
        if (answer.Answer is null)
        {
            dropped.Add("answer", FunnelStage.Parsed, false, $"no answer: {answer.Error?.Message ?? "the recording holds none"}");
            return dropped;
        }

        ParsedAnswer parsed = AnswerParser.Parse(answer.Answer.Text, language, source.Seed.Name, answer.Answer.FinishReason);
        if (parsed.Code is null)
        {
            dropped.Add("answer", FunnelStage.Parsed, false, parsed.Problem);
            return dropped;
        }

        CheckedCandidate held = new(source, candidate with { Code = parsed.Code }, [], parsed.Code, null);
        held.Add("answer", FunnelStage.Parsed, true, parsed.Repairs.Count > 0 ? string.Join("; ", parsed.Repairs) : null);
        SyntaxVerdict syntax = SyntaxCheck.Check(language, parsed.Code);
        held.Add("syntax", FunnelStage.Parsed, syntax.Ok, syntax.Ok ? null : $"line {syntax.Line}: {syntax.Problem}");
        if (!syntax.Ok)
        {
            return held;
        }

        // Cleaned before it is compiled, so that what is run is what is kept.
        CheckedCandidate trial = held with { Verdicts = [] };
        string? code = clean(trial, language);
        bool tested = runner is not null && language == Language.CSharp && source.Seed.Tests.Length > 0;
        TestRun? run = null;
        if (language == Language.CSharp)
        {
            run = tested && code is not null
                ? await runner!.RunAsync(code, source.Seed.Tests, cancellationToken).ConfigureAwait(false)
                : FromCompiler(CSharpCompiler.Default.Compile(code ?? parsed.Code, cancellationToken));
            (string check, bool compiles) = run.Outcome switch
            {
                TestOutcome.Syntax or TestOutcome.DoesNotCompile => ("compile", false),
                TestOutcome.ForbiddenApi => ("forbidden API", false),
                TestOutcome.Signature => ("signature", false),
                _ => ("compile", true),
            };
            held.Add(check, FunnelStage.Compiled, compiles, compiles ? null : run.Message);
            if (!compiles)
            {
                return held;
            }
        }
        else
        {
            held.Add("compile", FunnelStage.Compiled, true, $"no compiler for {language.Name()}; its syntax was checked");
        }

        foreach (Verdict verdict in trial.Verdicts)
        {
            held.Add(verdict.Check, verdict.Stage, verdict.Kept, verdict.Reason);
        }

        held = held with { Code = code ?? parsed.Code, Run = tested && code is not null ? run : null };
        if (held.Kept && held.Run is null)
        {
            held.Add("tests", FunnelStage.Validated, options.KeepUnvalidated, "not validated: the tests were not run");
        }
        else if (held.Kept)
        {
            judge(held);
        }

        return held;
    }

    private CheckedCandidate JudgeAmongOthers(CheckedCandidate candidate)
    {
        if (!candidate.Kept)
        {
            return candidate;
        }

        CodeItem item = new(candidate.Candidate.Id, Languages.Parse(candidate.Source.Seed.Language), candidate.Code!, candidate.Source.Seed.Id);
        if (_seen.Find(item) is { } duplicate)
        {
            candidate.Add("duplicates", FunnelStage.Unique, false, duplicate.Reason);
            return candidate;
        }

        candidate.Add("duplicates", FunnelStage.Unique, true);
        _seen.Add(item);
        if (testFunctions is null)
        {
            // Said aloud, because training on what was not checked against the test set is refused later on.
            candidate.Add("decontamination", FunnelStage.Unique, true, "not checked: no test functions were named");
            return candidate;
        }

        Contamination? contamination = testFunctions.Check(item);
        candidate.Add("decontamination", FunnelStage.Unique, contamination is null, contamination?.Reason);
        return candidate;
    }

    private static TestRun FromCompiler(CompiledCode compiled) => new(
        compiled.Problem switch
        {
            CompilationProblem.None => TestOutcome.Passed,
            CompilationProblem.Syntax => TestOutcome.Syntax,
            CompilationProblem.ForbiddenApi => TestOutcome.ForbiddenApi,
            CompilationProblem.Signature => TestOutcome.Signature,
            _ => TestOutcome.DoesNotCompile,
        },
        compiled.Message,
        0);

    /// <summary>Comments that the seed does not have are taken out: they speak about the task, not about the code.</summary>
    public static string WithoutNewComments(Language language, string code, string seed)
    {
        HashSet<string> known = [.. Lexer.Tokenize(language, seed).Where(t => t.Kind == CodeTokenKind.Comment).Select(t => t.Text(seed).Trim().ToString())];
        string text = Comments.StripTellTale(language, code);
        foreach (CodeToken token in Enumerable.Reverse(Lexer.Tokenize(language, text)))
        {
            if (token.Kind != CodeTokenKind.Comment || known.Contains(token.Text(text).Trim().ToString()))
            {
                continue;
            }

            int lineStart = text.LastIndexOf('\n', Math.Max(0, token.Start - 1)) + 1;
            lineStart = token.Start == 0 ? 0 : lineStart;
            int lineEnd = text.IndexOf('\n', token.End);
            lineEnd = lineEnd < 0 ? text.Length : lineEnd;
            bool alone = string.IsNullOrWhiteSpace(text[lineStart..token.Start]) && string.IsNullOrWhiteSpace(text[token.End..lineEnd]);
            text = alone
                ? text[..lineStart] + text[Math.Min(text.Length, lineEnd + 1)..]
                : text[..token.Start].TrimEnd(' ', '\t') + (lineEnd == token.End || text[token.End] == '\n' ? "" : " ") + text[token.End..].TrimStart(' ', '\t');
        }

        return text;
    }
}
