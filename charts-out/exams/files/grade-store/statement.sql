create table if not exists marks (exam text, student text, points integer, primary key (exam, student)); \o 1 \\

insert into marks
    select :'param_exam', student, points::integer
    from rows from (json_array_elements_text(:'param_students'::json), json_array_elements_text(:'param_points'::json)) as t (student, points)
    on conflict (exam, student) do update set points = excluded.points; \o 2 \\

select coalesce(avg(points) filter (where points >= 0), 0)::float as average,
       count(*) filter (where points < 0) as odd
from marks where exam = :'param_exam'; \o 3 \\
