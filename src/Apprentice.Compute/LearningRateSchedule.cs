namespace Apprentice.Compute;

/// <summary>Linear warm-up from 0, then linear decay to 0, as get_linear_schedule_with_warmup of the original library.</summary>
/// <param name="Peak">Largest rate.</param>
/// <param name="WarmupSteps">Steps until the peak; the first step of a warm-up has rate 0.</param>
/// <param name="TotalSteps">Step at which the rate would reach 0; the last step taken still has a rate above it.</param>
public readonly record struct LearningRateSchedule(double Peak, int WarmupSteps, int TotalSteps)
{
    /// <summary>Rate of a step.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    public double At(int step) => step < WarmupSteps
        ? Peak * step / Math.Max(1, WarmupSteps)
        : Peak * Math.Max(0.0, (TotalSteps - step) / (double)Math.Max(1, TotalSteps - WarmupSteps));
}
