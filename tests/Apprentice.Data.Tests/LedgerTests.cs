namespace Apprentice.Data.Tests;

public sealed class LedgerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Funnel_CandidatesDroppedAtEachStep_CountsEachStep()
    {
        using Ledger ledger = Ledger.Open(_folder["sub/ledger.db"]);
        for (int stop = 0; stop <= 5; stop++)
        {
            Candidate candidate = Make($"c{stop}");
            ledger.Record(candidate);
            for (int stage = 1; stage <= 5; stage++)
            {
                // Candidate c0 fails to parse, c1 to compile … c5 passes all.
                ledger.Record(stage == stop + 1
                    ? Verdict.Drop(candidate, $"check{stage}", (FunnelStage)stage, $"reason {stage}")
                    : Verdict.Keep(candidate, $"check{stage}", (FunnelStage)stage));
                if (stage == stop + 1)
                {
                    break;
                }
            }
        }

        Assert.Equal(new Funnel(6, 5, 4, 3, 2, 1), ledger.Funnel("run"));
        Assert.Equal("asked 6 → parsed 5 → compiled 4 → validated 3 → unique 2 → selected 1", ledger.Funnel().ToString());
        Assert.Equal(new Funnel(0, 0, 0, 0, 0, 0), ledger.Funnel("other run"));
        Assert.Equal(new Funnel(0, 0, 0, 0, 0, 0), ledger.Funnel(kind: "clone"));
        Assert.Equal(6, ledger.Funnel(model: "m").Asked);
        Assert.Equal(["m"], ledger.Models("run"));
        Assert.Equal(["c5"], ledger.Reaching(FunnelStage.Selected, "run").Select(candidate => candidate.Id));
        Assert.Equal(["c3", "c4", "c5"], ledger.Reaching(FunnelStage.Validated).Select(candidate => candidate.Id));
        Assert.Equal([1, 2, 3, 4, 5], ledger.Drops("run").Select(drop => (int)drop.Stage));
        Assert.All(ledger.Drops("run"), drop => Assert.Equal(1, drop.Count));
    }

    [Fact]
    public void Funnel_StepWithoutChecks_IsPassedByWhatWasJudgedLater()
    {
        using Ledger ledger = Ledger.Open(_folder["ledger.db"]);
        Candidate candidate = Make("a");
        ledger.Record(candidate);
        Assert.Equal(new Funnel(1, 0, 0, 0, 0, 0), ledger.Funnel());
        ledger.Record(Verdict.Keep(candidate, "parse", FunnelStage.Parsed));
        Assert.Equal(new Funnel(1, 1, 0, 0, 0, 0), ledger.Funnel());
        ledger.Record(Verdict.Keep(candidate, "duplicates", FunnelStage.Unique));
        Assert.Equal(new Funnel(1, 1, 1, 1, 1, 0), ledger.Funnel());
    }

    [Fact]
    public void Record_Again_ReplacesInsteadOfAdding()
    {
        using (Ledger ledger = Ledger.Open(_folder["ledger.db"]))
        {
            Candidate candidate = Make("a");
            for (int i = 0; i < 3; i++)
            {
                ledger.Record([candidate, Make("b")]);
                ledger.Record(Verdict.Drop(candidate, "tests", FunnelStage.Validated, $"attempt {i}"));
            }

            ledger.Record(Verdict.Keep(candidate, "tests", FunnelStage.Validated));
        }

        using Ledger again = Ledger.Open(_folder["ledger.db"]);
        Assert.Equal(new Funnel(2, 1, 1, 1, 0, 0), again.Funnel());
        Assert.Single(again.WhyNot("a")!.Verdicts);
        again.Forget("run", FunnelStage.Compiled);
        Assert.Empty(again.WhyNot("a")!.Verdicts);
    }

    [Fact]
    public void WhyNot_Dropped_NamesTheFirstCheckThatDroppedIt()
    {
        using Ledger ledger = Ledger.Open(_folder["ledger.db"]);
        Candidate candidate = Make("a");
        ledger.Record(candidate);
        ledger.Record(
        [
            Verdict.Drop(candidate, "near", FunnelStage.Unique, "near duplicate of b"),
            Verdict.Drop(candidate, "label", FunnelStage.Validated, "whole function rewritten") with { Order = 2 },
            Verdict.Drop(candidate, "zeal", FunnelStage.Validated, "passes all tests") with { Order = 1 },
        ]);
        Assert.Equal("a (fault from seed-1) was dropped by 'zeal': passes all tests", ledger.WhyNot("a")!.ToString());
        Assert.Equal(candidate, ledger.WhyNot("a")!.Candidate);
        Assert.Null(ledger.WhyNot("b"));
        DropCount drop = Assert.Single(ledger.Drops());
        Assert.Equal(("zeal", 1, "passes all tests"), (drop.Check, drop.Count, drop.Example));
    }

    [Fact]
    public void Open_FileOfAnotherKind_SaysSo()
    {
        DatasetException exception = Assert.Throws<DatasetException>(() => Ledger.Open(_folder.Write("x.db", new string('x', 5000))));
        Assert.Contains("cannot be opened as a ledger", exception.Message, StringComparison.Ordinal);
    }

    private static Candidate Make(string id) => new() { Id = id, Run = "run", Kind = "fault", ParentId = "seed-1", RequestHash = "h", Model = "m", Language = "csharp", Code = "int x;" };
}
